export { Answers, Problems } from './docs/answer.decorator.js';
export { ApiDocument } from './docs/api-document.js';
export { RequestBody } from './docs/request-body.decorator.js';
export { EdgeHandler } from './edge-handler.js';
export { host } from './host.js';
export { checkPreconditions, entityTag, IfState, type Preconditions } from './http/conditional.js';
export { IdempotencyKey } from './http/idempotency-key.js';
export { decodeCursor, encodeCursor, type Page, pageOf, PageQuery, toPage } from './http/pagination.js';
export { RetryLaterError } from './http/retry-later-error.js';
export { AmountQuery, CurrencyQuery, TimeQuery } from './http/search.js';
export { NeverRefused } from './http/never-refused.js';
export { OVERLOADED_HEADER } from './http/refuse-for-load.js';
export { refuse } from './http/send-problem.js';
export { invalidRequest } from './http/validation.pipe.js';
export {
  DeadLetterActionAnswer,
  deadLetterActionExample,
  DeadLetterActionPosition,
  DeadLetterActionQuery,
  EditAnswer,
  EditBody,
  editedExample,
  editExample,
  latestFirst,
  SettleBody,
  settleExample,
} from './messages/dead-letter-action.dto.js';
export {
  DeadLetterAnswer,
  DeadLetterDetailsAnswer,
  deadLetterDetailsExample,
  deadLetterExample,
  DeadLetterGroupQuery,
  DeadLetterGroupsAnswer,
  deadLetterGroupsExample,
  DeadLetterPosition,
  DeadLetterQuery,
  largestFirst,
  newestFirst,
  RedriveAnswer,
} from './messages/dead-letter.dto.js';
export { OutboxesAnswer, outboxesExample, OutboxQuery } from './messages/outbox.dto.js';
export { releaseMemoryOfStart } from './release-memory.js';
export type { RunningProcess } from './running-process.js';
export { type ServiceDefinition } from './service-definition.js';
export { startProcess } from './start-process.js';
export type { SystemDefinition, SystemTexts } from './system-definition.js';

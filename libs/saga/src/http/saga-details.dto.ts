import { z } from 'zod';
import type { SagaDefinition } from '../definition.js';
import { contextOf } from '../engine/context.js';
import { OPERATOR_ACTIONS, type Phase, type SagaState } from '../engine/state.js';
import { type Attempt, stepsToCome, type TimelineEntry, timelineOf } from '../timeline.js';
import { masked } from './masked.js';
import { sagaAnswer, sagaAnswerSchema, sagaExample } from './saga.dto.js';
import type { SagaDetails, SagaSource } from './saga-source.js';

const PhaseAnswer = z.enum(['do', 'compensate']);
const at = z.iso.datetime();

const RequestAnswer = z
  .object({ command: z.string(), service: z.string(), data: z.unknown() })
  .describe('The command; null for a local step, and if this process does not have the saga’s definition');

const AttemptAnswer = z.object({
  kind: z.literal('attempt'),
  at,
  step: z.string(),
  phase: PhaseAnswer,
  attempt: z.int(),
  deadline: at.nullable(),
  request: RequestAnswer.nullable(),
  sent: z.boolean().describe('False if its command was not sent, because the saga was paused'),
  endedAt: at.nullable(),
  outcome: z
    .enum(['done', 'refused', 'unanswered', 'given-up', 'skipped', 'not-sent', 'repeated', 'unmet'])
    .nullable()
    .describe('null while it waits for a reply'),
  result: z.unknown().optional(),
  error: z.string().optional(),
});

const Entry = z.union([
  AttemptAnswer,
  z.object({
    kind: z.literal('operator'),
    at,
    action: z.enum(OPERATOR_ACTIONS),
    reason: z.string(),
    by: z.object({ id: z.string(), email: z.string() }),
  }),
  z.object({ kind: z.literal('abort'), at, code: z.string(), reason: z.string() }),
  z.object({ kind: z.literal('parked'), at, reason: z.string() }),
]);

const Ahead = z.object({ step: z.string(), phase: PhaseAnswer });

export const DETAILS =
  '`timeline` has every attempt with its request, times, outcome and error, and what operators did; `ahead` has the steps ' +
  'still to come if each reply is that it is done.\n\n' +
  'Of requests and results, only names of fields, ids (UUIDs), booleans and numbers of up to seven digits are shown. All ' +
  'other values are `…`, because they may be personal data or a card’s token.';

export const sagaDetailsSchema = (sources: readonly SagaSource[]): z.ZodType =>
  sagaAnswerSchema(sources).extend({ timeline: z.array(Entry), ahead: z.array(Ahead) });

export function sagaDetailsAnswer({ source, saga, events, definition }: SagaDetails): object {
  const compensable = (index: number): boolean =>
    definition === undefined || definition.steps[index]?.compensate !== undefined;
  return {
    ...sagaAnswer({ source, saga }),
    timeline: timelineOf(events, saga.steps).map((entry) => entryAnswer(entry, saga, definition)),
    ahead: stepsToCome(saga, compensable).map(({ step, phase }) => ({ step, phase: phaseAnswer(phase) })),
  };
}

const phaseAnswer = (phase: Phase): z.infer<typeof PhaseAnswer> => (phase === 'do' ? 'do' : 'compensate');

function entryAnswer(
  entry: TimelineEntry,
  saga: SagaState,
  definition: SagaDefinition | undefined,
): z.infer<typeof Entry> {
  if (entry.kind !== 'attempt') return entry;
  const { kind, at: sentAt, step, phase, attempt, deadline = null, endedAt = null, outcome = null } = entry;
  return {
    ...{ kind, at: sentAt, step, phase: phaseAnswer(phase), attempt, deadline, endedAt, outcome },
    request: requestOf(entry, saga, definition),
    sent: entry.held !== true && outcome !== 'unmet',
    ...(entry.result === undefined ? {} : { result: masked(entry.result) }),
    ...(entry.error === undefined ? {} : { error: entry.error }),
  };
}

/**
 * As the definition makes it of the saga's data and results: the events do not have the commands. Data that depend on the
 * state of the saga's aggregate are not shown, as it may have changed since.
 */
function requestOf(
  { index, phase, at }: Attempt,
  saga: SagaState,
  definition: SagaDefinition | undefined,
): z.infer<typeof RequestAnswer> | null {
  const action = definition?.steps[index]?.[phase === 'do' ? 'do' : 'compensate'];
  if (action?.kind !== 'send') return null;
  const { type: command, service } = action.contract;
  try {
    return { command, service, data: masked(action.data(contextOf(saga, index, undefined, at))) };
  } catch {
    // The definition throws for this saga's data, or needs its aggregate's state; the rest of the saga is shown.
    return { command, service, data: null };
  }
}

export function sagaDetailsExample(sources: readonly SagaSource[]): object {
  const step = sources[0]?.example.step ?? '';
  const [started, ended] = ['2026-11-22T09:30:00.000Z', '2026-11-22T09:30:00.012Z'];
  const attempt = { kind: 'attempt', at: started, step, phase: 'do', attempt: 1, deadline: null, request: null };
  return {
    ...sagaExample(sources),
    timeline: [{ ...attempt, sent: true, endedAt: ended, outcome: 'done' }],
    ahead: [],
  };
}

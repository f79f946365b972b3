import { CodedError, text } from '@seam/kernel';
import type { Caller } from '@seam/security';
import { z } from 'zod';
import type { OperatorRequest } from '../engine/operator.js';
import type { ByOperator } from '../engine/state.js';

const reason = text({ max: 500 }).optional().describe('The reason; required, and stored with the operator');
const StepName = text({ min: 1, max: 100 });

/** The actions that need no more than a reason. */
export const PlainAction = z.enum(['retry', 'run-now', 'pause', 'resume', 'compensate']);
export const ActionBody = z.strictObject({
  reason,
  code: text({ min: 1, max: 100 })
    .optional()
    .describe('Only for `compensate`: the failure code of the saga; OPERATOR_REQUEST by default'),
});
export const RestartBody = z.strictObject({ reason });
export const SkipBody = z.strictObject({
  reason,
  step: StepName.describe('The step that the saga is at; a conflict if it is at another one by now'),
  result: z.json().optional().describe('Used instead of the result of the reply'),
});
export const StepParam = StepName;

export const ACTIONS =
  'Each action needs a `reason`, which is stored in an event of the saga with the operator and the time.\n\n' +
  '- `retry`: sends the command of a parked saga’s step again, with all its attempts.\n' +
  '- `run-now`: sends the command of a running saga’s step again, without waiting for its time limit.\n' +
  '- `compensate`: compensates; at once if the saga is parked, otherwise after the reply that it waits for.\n' +
  '- `pause`: from now on the saga records the replies that arrive, and sends nothing.\n' +
  '- `resume`: lets a paused saga continue.';

/** Who acts, and why. Throws `SAGA.REASON_REQUIRED` (422) if no reason is given. */
export function actedBy(caller: Caller, given: string | undefined): Pick<ByOperator, 'reason' | 'by'> {
  const stated = given?.trim() ?? '';
  if (stated === '')
    throw new CodedError('unprocessable', 'SAGA.REASON_REQUIRED', 'Say why, in the field reason of the body');
  return { reason: stated, by: { id: caller.userId, email: caller.email } };
}

export function plainRequest(
  caller: Caller,
  action: z.infer<typeof PlainAction>,
  { reason: why, code }: z.infer<typeof ActionBody>,
): OperatorRequest {
  const by = actedBy(caller, why);
  if (action === 'compensate') return { action, ...by, ...(code === undefined ? {} : { code }) };
  if (code === undefined) return { action, ...by };
  throw new CodedError('unprocessable', 'SAGA.CODE_NOT_TAKEN', `Only compensate takes a code, ${action} does not`);
}

export const reasonExample = { reason: 'The service answers again' };

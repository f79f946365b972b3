import { CodedError } from '@seam/kernel';
import type { HostedMessages, ServiceMessages } from '@seam/messaging';
import { servicesOf } from './services-of.js';

/**
 * Does something with a message's dead letters in every service of this process that has one; resolves with the names of
 * these services. Rejects with `DEAD_LETTER.NOT_FOUND` if none has.
 */
export async function settleInEach(
  messages: HostedMessages,
  messageId: string,
  settle: (deadLetters: ServiceMessages['deadLetters']) => Promise<void>,
): Promise<string[]> {
  const settled = await Promise.all(
    servicesOf(messages).map(async ([name, { deadLetters }]) => ((await has(settle(deadLetters))) ? [name] : [])),
  );
  if (settled.flat().length === 0)
    throw new CodedError('not-found', 'DEAD_LETTER.NOT_FOUND', `There is no dead letter ${messageId}`);
  return settled.flat();
}

async function has(settling: Promise<void>): Promise<boolean> {
  try {
    await settling;
    return true;
  } catch (error) {
    if (error instanceof CodedError && error.kind === 'not-found') return false;
    throw error;
  }
}

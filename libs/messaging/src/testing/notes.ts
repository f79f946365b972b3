import { type Message, newId, type OutgoingMessage } from '@seam/kernel';
import type { Cause } from '../committer.js';
import type { Publisher } from '../publisher.js';
import { type Work, work, type WorkKind } from '../work.js';

/**
 * A kind of change that every engine's rig implements: notes. Each text can be written once; a second note with the
 * same text is a permanent conflict. `no: …` is rejected, without an effect on other works.
 */
export const NoteKind: WorkKind<string, string> = { name: 'note' };

export const outgoing = (text: string, more: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  type: 'test.noted.v1',
  kind: 'event',
  correlationId: newId(),
  data: { text },
  ...more,
});

/** Writes a note, and sends a message about it. */
export const note = (text: string, messages: readonly OutgoingMessage[] = [outgoing(text)]): Work<string> =>
  work(NoteKind, text, (value) => ({ value, messages }));

export const cause = (handler = 'test/handler', messageId = newId()): Cause => ({
  messageId,
  handler,
  correlationId: newId(),
});

export const textsOf = (messages: readonly Message[]): string[] =>
  messages.map(({ data }) => (data as { text: string }).text);

/** Sends nowhere, and records what it was asked to send; `answer` decides the result. */
export class FakePublisher implements Publisher {
  readonly published: Message[] = [];
  answer: (message: Message) => Promise<void> = () => Promise.resolve();

  publish(message: Message): Promise<void> {
    this.published.push(message);
    return this.answer(message);
  }
}

/** The relay of a process that dies between its commit and the sending of its messages. */
export const deadRelay = { handOver: (): void => undefined, whenDispatched: (): Promise<void> => Promise.resolve() };

import {
  AGAIN,
  LATER,
  type MongoDecision,
  type MongoInput,
  type MongoWorkAdapter,
  STREAM_VERSIONS,
} from '@seam/messaging/mongodb';
import { Rejected } from '@seam/messaging';
import {
  type AppendedEvent,
  type Decided,
  decideOne,
  type EventWorkHooks,
  type Open,
  openStreams,
  streamsOf,
  wronglyNew,
} from '../deciding.js';
import type { EventStore, StreamAppend } from '../event-store.js';
import type { EventWorkInput, EventWorkResult } from '../event-work.js';
import { encrypted } from '../personal-data.js';
import { commitOf } from './collections.js';

interface Append extends Omit<StreamAppend, 'events'> {
  readonly events: readonly AppendedEvent[];
}

type WorkDecision = MongoDecision<EventWorkResult> | Rejected | typeof LATER | typeof AGAIN;

/**
 * Decides a batch's event works on their streams, which are read together; the events of each work are a commit of
 * their own. If another work of the batch appends to one of its streams, a work waits for that one: if the other commit
 * were refused, this one would leave a gap.
 */
export class MongoEventWorkAdapter implements MongoWorkAdapter<EventWorkInput, EventWorkResult> {
  constructor(
    private readonly store: EventStore,
    private readonly hooks: EventWorkHooks = {},
  ) {}

  async decide(inputs: readonly MongoInput<EventWorkInput>[]): Promise<readonly WorkDecision[]> {
    const open = await openStreams(this.store, inputs, this.hooks);
    const changed = new Set<string>();
    const decided = inputs.map(({ input, origin }) => {
      if (streamsOf(input).some((stream) => changed.has(stream))) return LATER;
      const decision = decideOne(input, origin, open);
      if (!(decision instanceof Rejected)) for (const stream of decision.after.keys()) changed.add(stream);
      return decision;
    });
    const unchecked = inputs.map(({ input }, index) => assumed(input, decided[index] ?? LATER, open));
    const wrong = await wronglyNew(this.store, [...new Set(unchecked.flat())]);
    const appends = await encrypted(decided.flatMap(appendsOf), this.store.personalKeys);
    const byStream = new Map(appends.map((append) => [append.stream, append]));
    return decided.map((decision, index) =>
      unchecked[index]?.some((stream) => wrong.has(stream)) === true ? AGAIN : workDecisionOf(decision, byStream),
    );
  }

  committed(): void {
    this.hooks.appended?.();
  }
}

/** The streams that a decision treated as new, and that its commit does not check by itself. */
function assumed(
  input: EventWorkInput,
  decision: Decided | Rejected | typeof LATER,
  open: ReadonlyMap<string, Open>,
): string[] {
  if (decision === LATER) return [];
  const after = decision instanceof Rejected ? undefined : decision.after;
  return streamsOf(input).filter((stream) => open.get(stream)?.assumedNew === true && after?.has(stream) !== true);
}

/** What a decision appends: no stream is in two decisions of a batch. */
const appendsOf = (decision: Decided | Rejected | typeof LATER): Append[] =>
  decision === LATER || decision instanceof Rejected
    ? []
    : [...decision.after.values()].map(({ stream, expectedVersion, appended }) => ({
        stream,
        expectedVersion,
        events: appended,
      }));

function workDecisionOf(
  decision: Decided | Rejected | typeof LATER,
  appends: ReadonlyMap<string, Append>,
): WorkDecision {
  if (decision === LATER || decision instanceof Rejected) return decision;
  const { result, after, metadata } = decision;
  if (after.size === 0) return { result };
  const { [STREAM_VERSIONS]: streamVersions, ...content } = commitOf(
    [...after.keys()].flatMap((stream) => appends.get(stream) ?? []),
    metadata,
  );
  return { result, streamVersions, content };
}

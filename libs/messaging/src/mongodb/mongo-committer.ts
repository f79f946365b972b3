import { newId } from '@seam/kernel';
import { type MongoCollection, type MongoDatabase, refusedWrites } from '@seam/persistence/mongodb';
import { StoreAwayError } from '@seam/persistence';
import type { Cause } from '../committer.js';
import { ConflictError } from '../errors.js';
import type { GroupCommitterOptions } from '../group-committer.js';
import type { OutboxEntry } from '../outbox.js';
import { byKind, identity, markOf, post, type Posted } from '../pending-work.js';
import { Rejected, SendingKind, type WorkKind } from '../work.js';
import { type AttemptResult, type Try, WorkwiseCommitter } from '../workwise-committer.js';
import { COMMITS, type CommitDocument } from './collections.js';
import { commitOf, numbered, positionsOf, type Prepared } from './commit-of.js';
import type { MongoOutbox } from './mongo-outbox.js';
import { AGAIN, LATER, type MongoDecision, type MongoWorkAdapter } from './work-adapter.js';

export interface MongoCommitterOptions extends GroupCommitterOptions {
  readonly database: Pick<MongoDatabase, 'collection'>;
  readonly outbox: MongoOutbox;
}

type Decided = MongoDecision<unknown> | Rejected | typeof LATER | typeof AGAIN;

/**
 * Group commit on MongoDB: each work is one document, the documents of a batch are one `insertMany`, and each has its own
 * result. Unique indexes over the stream versions and over the causes refuse a commit that conflicts with another one, or
 * whose message was handled before, for all its streams at once. No transaction is needed, so any MongoDB server works.
 */
export class MongoCommitter extends WorkwiseCommitter {
  readonly #adapters = new Map<WorkKind, MongoWorkAdapter<unknown, unknown>>();
  readonly #commits: MongoCollection<CommitDocument>;

  constructor(private readonly options: MongoCommitterOptions) {
    super(options);
    this.#commits = options.database.collection<CommitDocument>(COMMITS);
    this.register(SendingKind, { decide: (inputs) => Promise.resolve(inputs.map(() => ({ result: undefined }))) });
  }

  /** Registers the adapter for works of this kind; adapters call it in their constructors. */
  register<I, R>(kind: WorkKind<I, R>, adapter: MongoWorkAdapter<I, R>): void {
    this.#adapters.set(kind, adapter);
  }

  protected override async attempt(tries: readonly Try[]): Promise<readonly AttemptResult[]> {
    const decided = await this.#decide(tries);
    const outcomes = new Map<Try, AttemptResult>();
    const prepared: Prepared[] = [];
    const at = new Date();
    for (const one of tries) {
      const decision = decided.get(one) ?? LATER;
      if (decision === LATER) outcomes.set(one, { status: 'later' });
      else if (decision === AGAIN) outcomes.set(one, conflict(one));
      else if (decision instanceof Rejected) outcomes.set(one, { status: 'refused', error: decision.error });
      else this.#prepare(one, decision, at, prepared, outcomes);
    }
    await this.#number(prepared);
    for (const [one, outcome] of await this.#insert(prepared)) outcomes.set(one, outcome);
    this.#notifyCommitted(prepared, outcomes);
    return tries.map((one) => outcomes.get(one) ?? { status: 'later' });
  }

  protected override async seen(causes: readonly Cause[]): Promise<ReadonlySet<string>> {
    const found = await this.#commits
      .find({ cause: { $in: causes.map(identity) } }, { projection: { _id: 0, cause: 1 } })
      .toArray();
    return new Set(found.map(({ cause }) => cause ?? ''));
  }

  protected override isDefinite(error: unknown): boolean {
    return !(error instanceof StoreAwayError);
  }

  /** Decides each kind separately; if deciding a kind throws, only the works of that kind fail. Rejects for an outage. */
  async #decide(tries: readonly Try[]): Promise<Map<Try, Decided>> {
    const decided = new Map<Try, Decided>();
    for (const [kind, group] of byKind(tries, ({ pendingWork }) => pendingWork)) {
      const results = await this.#decideKind(kind, group).catch((error: unknown) => {
        if (!this.isDefinite(error)) throw error;
        return group.map(() => new Rejected(error));
      });
      group.forEach((one, index) => decided.set(one, results[index] ?? LATER));
    }
    return decided;
  }

  async #decideKind(kind: WorkKind, group: readonly Try[]): Promise<readonly Decided[]> {
    const adapter = this.#adapters.get(kind);
    if (adapter === undefined)
      throw new Error(`${this.options.service}: no adapter is registered for works of kind ${kind.name}`);
    return adapter.decide(
      group.map(({ pendingWork, retried }) => ({
        input: pendingWork.work.input,
        retried,
        origin: pendingWork.origin,
      })),
    );
  }

  /** Creates the work's document; a work whose messages cannot be created is refused. */
  #prepare(
    one: Try,
    decision: MongoDecision<unknown>,
    at: Date,
    prepared: Prepared[],
    outcomes: Map<Try, AttemptResult>,
  ): void {
    const { pendingWork } = one;
    const { service, outbox } = this.options;
    try {
      const { value, messages, cancels = [] } = pendingWork.work.settle(decision.result);
      const posted = messages.map((message): Posted => post(message, service, at.toISOString(), pendingWork));
      const commit = commitOf(newId(), decision, markOf(pendingWork), { posted, cancels }, outbox.leaseFrom(at));
      prepared.push({ one, value, ...commit });
    } catch (error) {
      outcomes.set(one, { status: 'refused', error });
    }
  }

  /** Gives what depends on the sequence of commits its positions: after the works are decided, before they are written. */
  async #number(prepared: Prepared[]): Promise<void> {
    const needed = prepared.map(({ document }) => (document === undefined ? 0 : positionsOf(document)));
    const count = needed.reduce((sum, n) => sum + n, 0);
    if (count === 0) return;
    let position = await this.options.outbox.ordered.positions(count);
    for (const [index, each] of prepared.entries()) {
      if (each.document !== undefined) prepared[index] = { ...each, document: numbered(each.document, position) };
      position += needed[index] ?? 0;
    }
  }

  /** Works without a document have nothing to write: they are done. */
  async #insert(prepared: readonly Prepared[]): Promise<Map<Try, AttemptResult>> {
    const outcomes = new Map(prepared.map((each): [Try, AttemptResult] => [each.one, done(each)]));
    const full = prepared.filter(({ document }) => document !== undefined);
    const refused = await this.#insertAll(full);
    for (const [each, outcome] of refused) outcomes.set(each.one, outcome);
    const delayed = full.filter((each) => !refused.has(each)).flatMap(({ document }) => document ?? []);
    await this.options.outbox.moveDelayed(delayed);
    return outcomes;
  }

  /** Resolves with the outcomes of those that were not written. */
  async #insertAll(full: readonly Prepared[]): Promise<Map<Prepared, AttemptResult>> {
    if (full.length === 0) return new Map();
    try {
      await this.#commits.insertMany(
        full.flatMap(({ document }) => document ?? []),
        { ordered: false },
      );
      return new Map();
    } catch (error) {
      const refused = refusedWrites(error);
      if (refused !== undefined) {
        const taken = refused.filter(({ duplicate }) => duplicate).flatMap(({ index }) => full[index] ?? []);
        const wrong = refused.filter(({ duplicate }) => !duplicate);
        return new Map([
          ...(await this.#taken(taken)),
          ...wrong.flatMap(({ index, message }): [Prepared, AttemptResult][] => {
            const each = full[index];
            return each === undefined ? [] : [[each, { status: 'refused', error: new Error(message) }]];
          }),
        ]);
      }
      const definite = this.isDefinite(error);
      // One of them is not a valid document, which is detected before anything is sent. The others can be written.
      if (definite && full.length > 1) return this.#oneByOne(full);
      const outcome: AttemptResult = { status: definite ? 'refused' : 'unknown', error };
      return new Map(full.map((each) => [each, outcome]));
    }
  }

  async #oneByOne(full: readonly Prepared[]): Promise<Map<Prepared, AttemptResult>> {
    const all = new Map<Prepared, AttemptResult>();
    for (const each of full) for (const [one, outcome] of await this.#insertAll([each])) all.set(one, outcome);
    return all;
  }

  /** A unique index refused them: because of their cause (duplicates), or of their stream versions (conflicts). */
  async #taken(taken: readonly Prepared[]): Promise<[Prepared, AttemptResult][]> {
    const causes = taken.flatMap(({ one: { pendingWork } }) => markOf(pendingWork) ?? []);
    const seen = causes.length === 0 ? new Set<string>() : await this.seen(causes);
    return taken.map((each) => {
      const mark = markOf(each.one.pendingWork);
      const handled = mark !== undefined && seen.has(identity(mark));
      return [each, handled ? { status: 'duplicate' } : conflict(each.one)];
    });
  }

  /** Notifies adapters about commits that are final: an error of theirs changes nothing. */
  #notifyCommitted(prepared: readonly Prepared[], outcomes: ReadonlyMap<Try, AttemptResult>): void {
    const changed = prepared.filter(({ one, changes }) => changes && outcomes.get(one)?.status === 'done');
    for (const kind of new Set(changed.map(({ one }) => one.pendingWork.work.kind))) {
      try {
        this.#adapters.get(kind)?.committed?.();
      } catch (error) {
        this.log.error(`the commit succeeded, but a listener failed after it: ${String(error)}`);
      }
    }
  }
}

const done = ({ value, entries }: { value: unknown; entries: readonly OutboxEntry[] }): AttemptResult => ({
  status: 'done',
  value,
  entries,
});

const conflict = ({ pendingWork }: Try): AttemptResult => ({
  status: 'conflict',
  error: new ConflictError(
    `a ${pendingWork.work.kind.name} work found its data changed by other commits at every attempt`,
  ),
});

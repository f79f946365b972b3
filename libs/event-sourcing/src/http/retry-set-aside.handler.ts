import { Injectable } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@seam/cqrs';
import { CodedError, isId } from '@seam/kernel';
import { ServiceParts } from '@seam/process';
import { ReadModels } from '../read-models.js';
import { type SetAside, SetAsides } from '../set-asides.js';

/** Number of entries that are read and retried together. */
const PAGE = 100;

export interface Retried {
  readonly tried: number;
  /** Number of entries that are set aside now. */
  readonly left: number;
}

/** Retries all entries that were set aside when it began; those that fail again are set aside again. */
export class RetryAllSetAside extends Command<Retried> {
  constructor(readonly service: string) {
    super();
  }
}

export class RetrySetAside extends Command<Retried> {
  constructor(
    readonly service: string,
    readonly id: string,
  ) {
    super();
  }
}

/**
 * Retries set-aside entries: read models at once; for anything else the entry is deleted, and its owner retries later.
 */
@Injectable()
export class SetAsideRetry {
  constructor(private readonly parts: ServiceParts) {}

  async of(service: string, entries: readonly SetAside[]): Promise<void> {
    const [asides, models] = [this.parts.of(service, SetAsides), this.parts.of(service, ReadModels)];
    for (const what of new Set(entries.map((entry) => entry.what))) {
      const those = entries.filter((entry) => entry.what === what);
      // An entry that belongs to no read model belongs to the saga timers, which poll by themselves, or to an earlier
      // version.
      if (!models.has(what)) await asides.remove(what, those);
      else
        await models.retry(
          what,
          those.map(({ stream }) => stream),
        );
    }
  }

  async left(service: string): Promise<number> {
    return (await this.parts.of(service, SetAsides).counts()).reduce((sum, { count }) => sum + count, 0);
  }
}

@CommandHandler(RetryAllSetAside)
export class RetryAllSetAsideHandler implements ICommandHandler<RetryAllSetAside, Retried> {
  constructor(
    private readonly parts: ServiceParts,
    private readonly retry: SetAsideRetry,
  ) {}

  async execute({ service }: RetryAllSetAside): Promise<Retried> {
    const asides = this.parts.of(service, SetAsides);
    const started = new Date();
    let tried = 0;
    let after: SetAside | undefined;
    for (;;) {
      const page = await asides.list({ ...(after === undefined ? {} : { after }), limit: PAGE });
      const due = page.filter(({ since }) => since <= started);
      await this.retry.of(service, due);
      tried += due.length;
      after = due.at(-1);
      if (due.length < PAGE) break;
    }
    return { tried, left: await this.retry.left(service) };
  }
}

@CommandHandler(RetrySetAside)
export class RetrySetAsideHandler implements ICommandHandler<RetrySetAside, Retried> {
  constructor(
    private readonly parts: ServiceParts,
    private readonly retry: SetAsideRetry,
  ) {}

  async execute({ service, id }: RetrySetAside): Promise<Retried> {
    const found = isId(id) ? await this.parts.of(service, SetAsides).find(id.toLowerCase()) : undefined;
    if (found === undefined)
      throw new CodedError('not-found', 'SET_ASIDE.NOT_FOUND', 'There is no set-aside entry with this id');
    await this.retry.of(service, [found]);
    return { tried: 1, left: await this.retry.left(service) };
  }
}

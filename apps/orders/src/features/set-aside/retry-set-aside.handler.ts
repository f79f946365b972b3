import { Injectable } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@seam/cqrs';
import { ReadModels, type SetAside, SetAsides } from '@seam/event-sourcing';
import { CodedError, isId } from '@seam/kernel';
import { SAGA_TIMERS } from '@seam/saga';

/** Tried at once. */
const PAGE = 100;

export interface Retried {
  readonly tried: number;
  /** How many are set aside now. */
  readonly left: number;
}

/** Tries all again that was set aside when it began; what fails again is set aside again. */
export class RetryAllSetAside extends Command<Retried> {}

export class RetrySetAside extends Command<Retried> {
  constructor(readonly id: string) {
    super();
  }
}

/** Lets what was set aside go on: read models at once, the time limits of sagas at their next look. */
@Injectable()
export class SetAsideRetry {
  constructor(
    private readonly asides: SetAsides,
    private readonly models: ReadModels,
  ) {}

  async of(entries: readonly SetAside[]): Promise<void> {
    for (const what of new Set(entries.map((entry) => entry.what))) {
      const those = entries.filter((entry) => entry.what === what);
      // What no read model keeps any more was left by an earlier version.
      if (what === SAGA_TIMERS || !this.models.has(what)) await this.asides.remove(what, those);
      else
        await this.models.retry(
          what,
          those.map(({ stream }) => stream),
        );
    }
  }

  async left(): Promise<number> {
    return (await this.asides.counts()).reduce((sum, { count }) => sum + count, 0);
  }
}

@CommandHandler(RetryAllSetAside)
export class RetryAllSetAsideHandler implements ICommandHandler<RetryAllSetAside, Retried> {
  constructor(
    private readonly asides: SetAsides,
    private readonly retry: SetAsideRetry,
  ) {}

  async execute(): Promise<Retried> {
    const begun = new Date();
    let tried = 0;
    let after: SetAside | undefined;
    for (;;) {
      const page = await this.asides.list({ ...(after === undefined ? {} : { after }), limit: PAGE });
      const due = page.filter(({ since }) => since <= begun);
      await this.retry.of(due);
      tried += due.length;
      after = due.at(-1);
      if (due.length < PAGE) break;
    }
    return { tried, left: await this.retry.left() };
  }
}

@CommandHandler(RetrySetAside)
export class RetrySetAsideHandler implements ICommandHandler<RetrySetAside, Retried> {
  constructor(
    private readonly asides: SetAsides,
    private readonly retry: SetAsideRetry,
  ) {}

  async execute({ id }: RetrySetAside): Promise<Retried> {
    const found = isId(id) ? await this.asides.find(id.toLowerCase()) : undefined;
    if (found === undefined)
      throw new CodedError('not-found', 'SET_ASIDE.NOT_FOUND', 'There is no set-aside entry with this id');
    await this.retry.of([found]);
    return { tried: 1, left: await this.retry.left() };
  }
}

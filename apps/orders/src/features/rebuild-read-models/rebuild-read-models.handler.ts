import { Command, CommandHandler, type ICommandHandler, type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { ReadModels, type RebuildProgress } from '@seam/event-sourcing';

/** Makes every read model anew from its events; comes to how many events were read. */
export class RebuildReadModels extends Command<number> {}

/** How far a rebuild is that some process has under way, if any. */
export class GetRebuild extends Query<RebuildProgress | undefined> {}

@CommandHandler(RebuildReadModels)
export class RebuildReadModelsHandler implements ICommandHandler<RebuildReadModels, number> {
  constructor(private readonly models: ReadModels) {}

  execute(): Promise<number> {
    return this.models.rebuild();
  }
}

@QueryHandler(GetRebuild)
export class GetRebuildHandler implements IQueryHandler<GetRebuild> {
  constructor(private readonly models: ReadModels) {}

  execute(): Promise<RebuildProgress | undefined> {
    return this.models.rebuilding();
  }
}

import { Command, CommandHandler, type ICommandHandler, type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { ServiceParts } from '@seam/process';
import { ReadModels } from '../read-models.js';
import type { RebuildProgress } from '../rebuilds.js';

/** Rebuilds every read model of a service from its events; the result is the number of events read. */
export class RebuildReadModels extends Command<number> {
  constructor(readonly service: string) {
    super();
  }
}

/** The progress of a rebuild that is running in any process of the service, if there is one. */
export class GetRebuild extends Query<RebuildProgress | undefined> {
  constructor(readonly service: string) {
    super();
  }
}

/** Cancels a rebuild in any process of the service; the result is false if there is none. */
export class CancelRebuild extends Command<boolean> {
  constructor(readonly service: string) {
    super();
  }
}

@CommandHandler(CancelRebuild)
export class CancelRebuildHandler implements ICommandHandler<CancelRebuild, boolean> {
  constructor(private readonly parts: ServiceParts) {}

  execute({ service }: CancelRebuild): Promise<boolean> {
    return this.parts.of(service, ReadModels).cancelRebuild();
  }
}

@CommandHandler(RebuildReadModels)
export class RebuildReadModelsHandler implements ICommandHandler<RebuildReadModels, number> {
  constructor(private readonly parts: ServiceParts) {}

  execute({ service }: RebuildReadModels): Promise<number> {
    return this.parts.of(service, ReadModels).rebuild();
  }
}

@QueryHandler(GetRebuild)
export class GetRebuildHandler implements IQueryHandler<GetRebuild> {
  constructor(private readonly parts: ServiceParts) {}

  execute({ service }: GetRebuild): Promise<RebuildProgress | undefined> {
    return this.parts.of(service, ReadModels).rebuilding();
  }
}

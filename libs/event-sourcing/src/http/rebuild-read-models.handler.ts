import { Command, CommandHandler, type ICommandHandler, type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { ServiceParts } from '@seam/process';
import { ReadModels } from '../read-models.js';
import type { RebuildProgress } from '../rebuilds.js';

/** Makes every read model of a service anew from its events; comes to how many events were read. */
export class RebuildReadModels extends Command<number> {
  constructor(readonly service: string) {
    super();
  }
}

/** How far a rebuild is that some process of the service has under way, if any. */
export class GetRebuild extends Query<RebuildProgress | undefined> {
  constructor(readonly service: string) {
    super();
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

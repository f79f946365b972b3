import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { ServiceParts } from '@seam/process';
import { type SetAside, type SetAsideQuery, SetAsides } from '../set-asides.js';

export class ListSetAside extends Query<readonly SetAside[]> {
  constructor(
    readonly service: string,
    readonly wanted: SetAsideQuery,
  ) {
    super();
  }
}

/** The set-aside entries, oldest first. */
@QueryHandler(ListSetAside)
export class ListSetAsideHandler implements IQueryHandler<ListSetAside> {
  constructor(private readonly parts: ServiceParts) {}

  execute({ service, wanted }: ListSetAside): Promise<readonly SetAside[]> {
    return this.parts.of(service, SetAsides).list(wanted);
  }
}

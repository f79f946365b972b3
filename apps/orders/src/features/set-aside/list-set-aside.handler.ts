import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { type SetAside, type SetAsideQuery, SetAsides } from '@seam/event-sourcing';

export class ListSetAside extends Query<readonly SetAside[]> {
  constructor(readonly wanted: SetAsideQuery) {
    super();
  }
}

/** What is set aside, the longest waiting first. */
@QueryHandler(ListSetAside)
export class ListSetAsideHandler implements IQueryHandler<ListSetAside> {
  constructor(private readonly asides: SetAsides) {}

  execute({ wanted }: ListSetAside): Promise<readonly SetAside[]> {
    return this.asides.list(wanted);
  }
}

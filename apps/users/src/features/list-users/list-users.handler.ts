import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { type RegisteredUser, Users, type UserSearch } from '../../ports/users.js';

/** The accounts, newest first. */
export class ListUsers extends Query<readonly RegisteredUser[]> {
  constructor(readonly search: UserSearch) {
    super();
  }
}

@QueryHandler(ListUsers)
export class ListUsersHandler implements IQueryHandler<ListUsers> {
  constructor(private readonly users: Users) {}

  execute({ search }: ListUsers): Promise<readonly RegisteredUser[]> {
    return this.users.list(search);
  }
}

import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { CodedError } from '@seam/kernel';
import type { User } from '../../domain/user.js';
import { Users } from '../../ports/users.js';

/** The caller's own account. */
export class Me extends Query<User> {
  constructor(readonly userId: string) {
    super();
  }
}

@QueryHandler(Me)
export class MeHandler implements IQueryHandler<Me> {
  constructor(private readonly users: Users) {}

  async execute({ userId }: Me): Promise<User> {
    const user = await this.users.byId(userId);
    if (user === undefined) throw new CodedError('not-found', 'USER.NOT_FOUND', 'This account does not exist any more');
    return user;
  }
}

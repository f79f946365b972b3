import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { QueryBus } from '@seam/cqrs';
import { Answers, decodeCursor, type Page, toPage } from '@seam/host';
import { Staff } from '@seam/security';
import { z } from 'zod';
import { listedUser, type ListedUser, ListUsersQuery, UsersAnswer, usersExample } from './list-users.dto.js';
import { ListUsers } from './list-users.handler.js';

@ApiTags('users')
@Controller('api/users')
export class ListUsersController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @Staff()
  @ApiOperation({ summary: 'The accounts, newest first' })
  @Answers(200, UsersAnswer, { example: usersExample })
  async list(@Query({ schema: ListUsersQuery }) { q, role, limit, cursor }: ListUsersQuery): Promise<Page<ListedUser>> {
    const search = {
      text: q,
      role,
      before: cursor === undefined ? undefined : decodeCursor(cursor, z.uuid()),
      limit: limit + 1,
    };
    const found = await this.queries.execute(new ListUsers(search));
    return toPage(found, limit, ({ id }) => id, listedUser);
  }
}

import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { QueryBus } from '@seam/cqrs';
import { Answers, Problems } from '@seam/host';
import { Authenticated, Caller } from '@seam/security';
import { UserAnswer, userAnswer, userExample } from '../user.dto.js';
import { Me } from './me.handler.js';

@ApiTags('users')
@Controller('api/users')
export class MeController {
  constructor(private readonly queries: QueryBus) {}

  @Get('me')
  @Authenticated()
  @ApiOperation({ summary: 'Your own account' })
  @Answers(200, UserAnswer, { example: userExample })
  @Problems(404)
  async me(@Caller() { userId }: Caller): Promise<UserAnswer> {
    return userAnswer(await this.queries.execute(new Me(userId)));
  }
}

import { Body, Controller, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CommandBus } from '@seam/cqrs';
import { Answers, Problems } from '@seam/host';
import { Public } from '@seam/security';
import { UserAnswer, userAnswer, userExample } from '../user.dto.js';
import { Register } from './register.handler.js';
import { RegisterBody } from './register.dto.js';

@ApiTags('users')
@Controller('api/users')
export class RegisterController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @Public({ token: 'ignored' })
  @ApiOperation({ summary: 'Register a customer account' })
  @Answers(201, UserAnswer, { example: userExample })
  @Problems(409)
  async register(@Body({ schema: RegisterBody }) body: RegisterBody): Promise<UserAnswer> {
    return userAnswer(await this.commands.execute(new Register(body)));
  }
}

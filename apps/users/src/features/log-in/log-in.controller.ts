import { Body, Controller, Header, HttpCode, Ip, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CommandBus } from '@seam/cqrs';
import { Answers, NeverRefused, Problems } from '@seam/host';
import { Public } from '@seam/security';
import { TokensAnswer, tokensExample } from '../tokens.dto.js';
import { LogInBody } from './log-in.dto.js';
import { LogIn } from './log-in.handler.js';

@ApiTags('users')
@Controller('api/auth')
export class LogInController {
  constructor(private readonly commands: CommandBus) {}

  @Post('login')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Public({ token: 'ignored' })
  @NeverRefused()
  @ApiOperation({
    summary: 'Log in',
    description: 'After ten failures, log-ins to the account from this network address are refused for a while.',
  })
  @Answers(200, TokensAnswer, { example: tokensExample })
  @Problems(401, 429)
  logIn(@Body({ schema: LogInBody }) body: LogInBody, @Ip() address: string): Promise<TokensAnswer> {
    return this.commands.execute(new LogIn(body, address));
  }
}

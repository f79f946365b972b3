import { Body, Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CommandBus } from '@seam/cqrs';
import { Answers, NeverRefused, Problems } from '@seam/host';
import { Clock } from '@seam/kernel';
import { Public } from '@seam/security';
import { RefreshTokenBody, TokensAnswer, tokensExample } from '../tokens.dto.js';
import { Refresh } from './refresh.handler.js';

@ApiTags('users')
@Controller('api/auth')
export class RefreshController {
  constructor(
    private readonly commands: CommandBus,
    private readonly clock: Clock,
  ) {}

  @Post('refresh')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Public({ token: 'ignored' })
  @NeverRefused()
  @ApiOperation({
    summary: 'Exchange a refresh token for new tokens',
    description: 'Each refresh token can be used once; using it again ends the whole session.',
  })
  @Answers(200, TokensAnswer, { example: tokensExample })
  @Problems(401)
  refresh(@Body({ schema: RefreshTokenBody }) { refreshToken }: RefreshTokenBody): Promise<TokensAnswer> {
    return this.commands.execute(new Refresh(refreshToken, this.clock.now()));
  }
}

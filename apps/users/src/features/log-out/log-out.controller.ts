import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { CommandBus } from '@seam/cqrs';
import { NeverRefused } from '@seam/host';
import { Public } from '@seam/security';
import { RefreshTokenBody } from '../tokens.dto.js';
import { LogOut } from './log-out.handler.js';

@ApiTags('users')
@Controller('api/auth')
export class LogOutController {
  constructor(private readonly commands: CommandBus) {}

  @Post('logout')
  @HttpCode(204)
  @Public({ token: 'ignored' })
  @NeverRefused()
  @ApiOperation({
    summary: 'End the session of a refresh token',
    description: 'Access tokens that were issued stay valid until they expire, at most 15 minutes.',
  })
  @ApiResponse({ status: 204, description: 'The session has ended, or did not exist' })
  logOut(@Body({ schema: RefreshTokenBody }) { refreshToken }: RefreshTokenBody): Promise<void> {
    return this.commands.execute(new LogOut(refreshToken));
  }
}

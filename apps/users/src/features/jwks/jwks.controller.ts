import { Controller, Get, Header } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { QueryBus } from '@seam/cqrs';
import { Public } from '@seam/security';
import type { JSONWebKeySet } from 'jose';
import { ListKeys } from './list-keys.handler.js';

@ApiTags('users')
@Controller('.well-known')
export class JwksController {
  constructor(private readonly queries: QueryBus) {}

  @Get('jwks.json')
  @Header('Cache-Control', 'public, max-age=300')
  @Public({ token: 'ignored' })
  @ApiOperation({ summary: 'The public keys that access tokens are verified with (RFC 7517)' })
  list(): Promise<JSONWebKeySet> {
    return this.queries.execute(new ListKeys());
  }
}

import { Controller, Get, Header } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '@seam/security';
import type { JSONWebKeySet } from 'jose';
import { SigningKeys } from '../../ports/signing-keys.js';

@ApiTags('users')
@Controller('.well-known')
export class JwksController {
  constructor(private readonly keys: SigningKeys) {}

  @Get('jwks.json')
  @Header('Cache-Control', 'public, max-age=300')
  @Public({ token: 'ignored' })
  @ApiOperation({ summary: 'The public keys access tokens are checked with (RFC 7517)' })
  list(): Promise<JSONWebKeySet> {
    return this.keys.published();
  }
}

import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type JSONWebKeySet, LocalVerificationKeys } from '@seam/security';
import { ask } from './upstream/collect.js';
import { Targets } from './upstream/targets.js';

/** Gets the keys for access tokens from the users service, wherever discovery finds it. */
@Injectable()
export class Keys implements OnModuleInit {
  constructor(
    private readonly keys: LocalVerificationKeys,
    private readonly targets: Targets,
  ) {}

  onModuleInit(): void {
    this.keys.use(async () => {
      const { status, body } = await ask(this.targets.of('users'), { path: '/.well-known/jwks.json' });
      if (status !== 200) throw new Error(`the keys' answer was ${status}`);
      return body as JSONWebKeySet;
    });
  }
}

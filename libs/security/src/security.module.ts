import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import type { JSONWebKeySet } from 'jose';
import { AuthGuard } from './auth.guard.js';
import { PolicyCheck } from './policy-check.js';
import { LocalVerificationKeys, RemoteVerificationKeys, VerificationKeys } from './verification-keys.js';

export interface KeySource {
  readonly jwksUrl?: string | undefined;
  readonly load?: (() => Promise<JSONWebKeySet>) | undefined;
}

/** Guards every HTTP route of a process. Global: a process has one set of keys and one guard. */
@Module({})
export class SecurityModule {
  /**
   * Keys come from the URL, or by `load` from wherever the service is that owns them; without either from that service
   * in this process, through {@link LocalVerificationKeys}.
   */
  static forProcess({ jwksUrl, load }: KeySource = {}): DynamicModule {
    const local = new LocalVerificationKeys();
    if (load !== undefined) local.use(load);
    const keys = jwksUrl === undefined ? local : new RemoteVerificationKeys(new URL(jwksUrl));
    return {
      module: SecurityModule,
      global: true,
      imports: [DiscoveryModule],
      providers: [
        { provide: LocalVerificationKeys, useValue: local },
        { provide: VerificationKeys, useValue: keys },
        { provide: APP_GUARD, useClass: AuthGuard },
        PolicyCheck,
      ],
      exports: [LocalVerificationKeys, VerificationKeys],
    };
  }
}

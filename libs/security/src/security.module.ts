import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import type { JSONWebKeySet } from 'jose';
import { AuthGuard } from './auth.guard.js';
import { PolicyCheck } from './policy-check.js';
import { LocalVerificationKeys, VerificationKeys } from './verification-keys.js';

export interface KeySource {
  readonly load?: (() => Promise<JSONWebKeySet>) | undefined;
}

/** Guards every HTTP route of a process. Global: a process has one set of keys and one guard. */
@Module({})
export class SecurityModule {
  /**
   * The keys come from the service that owns them, by `load`; without it from that service in this process,
   * through {@link LocalVerificationKeys}.
   */
  static forProcess({ load }: KeySource = {}): DynamicModule {
    const local = new LocalVerificationKeys();
    if (load !== undefined) local.use(load);
    return {
      module: SecurityModule,
      global: true,
      imports: [DiscoveryModule],
      providers: [
        { provide: LocalVerificationKeys, useValue: local },
        { provide: VerificationKeys, useExisting: LocalVerificationKeys },
        { provide: APP_GUARD, useClass: AuthGuard },
        PolicyCheck,
      ],
      exports: [LocalVerificationKeys, VerificationKeys],
    };
  }
}

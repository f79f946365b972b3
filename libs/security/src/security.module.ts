import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { AuthGuard } from './auth.guard.js';
import { PolicyCheck } from './policy-check.js';
import { LocalVerificationKeys, RemoteVerificationKeys, VerificationKeys } from './verification-keys.js';

/** Guards every HTTP route of a process. Global: a process has one set of keys and one guard. */
@Module({})
export class SecurityModule {
  /** Without a URL the keys come from the service in this process that owns them, through {@link LocalVerificationKeys}. */
  static forProcess(options: { jwksUrl?: string | undefined } = {}): DynamicModule {
    const local = new LocalVerificationKeys();
    const keys = options.jwksUrl === undefined ? local : new RemoteVerificationKeys(new URL(options.jwksUrl));
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

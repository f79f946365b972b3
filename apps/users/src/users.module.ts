import { Module } from '@nestjs/common';
import { CqrsModule } from '@seam/cqrs';
import { Clock, systemClock } from '@seam/kernel';
import { MessagingModule } from '@seam/messaging';
import { postgresStore } from '@seam/messaging/postgres';
import { Argon2PasswordHasher } from './adapters/argon2-password-hasher.js';
import { PostgresLoginThrottle } from './adapters/postgres-login-throttle.js';
import { PostgresSessions } from './adapters/postgres-sessions.js';
import { PostgresSigningKeys } from './adapters/postgres-signing-keys.js';
import { PostgresUsers } from './adapters/postgres-users.js';
import { RefreshFamilyEntity, RefreshTokenEntity } from './adapters/session.entity.js';
import { SigningKeyEntity } from './adapters/signing-key.entity.js';
import { UserEntity } from './adapters/user.entity.js';
import { ZxcvbnPasswordStrength } from './adapters/zxcvbn-password-strength.js';
import { JwksController } from './features/jwks/jwks.controller.js';
import { ListKeysHandler } from './features/jwks/list-keys.handler.js';
import { KeyPublication } from './features/jwks/key-publication.js';
import { ListAccountsHandler } from './features/list-accounts/list-accounts.handler.js';
import { ListUsersController } from './features/list-users/list-users.controller.js';
import { ListUsersHandler } from './features/list-users/list-users.handler.js';
import { LogInController } from './features/log-in/log-in.controller.js';
import { LogInHandler } from './features/log-in/log-in.handler.js';
import { LogOutController } from './features/log-out/log-out.controller.js';
import { LogOutHandler } from './features/log-out/log-out.handler.js';
import { MeController } from './features/me/me.controller.js';
import { MeHandler } from './features/me/me.handler.js';
import { RefreshController } from './features/refresh/refresh.controller.js';
import { RefreshHandler } from './features/refresh/refresh.handler.js';
import { RegisterController } from './features/register/register.controller.js';
import { RegisterHandler } from './features/register/register.handler.js';
import { StaffSeed } from './features/seed-staff/staff.seed.js';
import { TokenIssuer } from './features/token-issuer.js';
import { LoginFailures1764250000000 } from './migrations/login-failures.js';
import { UnicodeDomains1764150000000 } from './migrations/unicode-domains.js';
import { Users1760000200000 } from './migrations/users.js';
import { LoginThrottle } from './ports/login-throttle.js';
import { PasswordHasher } from './ports/password-hasher.js';
import { PasswordStrength } from './ports/password-strength.js';
import { Sessions } from './ports/sessions.js';
import { SigningKeys } from './ports/signing-keys.js';
import { Users } from './ports/users.js';

/** Accounts, log-ins, and the keys with which all services verify access tokens. */
@Module({
  imports: [
    CqrsModule,
    MessagingModule.forService({
      service: 'users',
      store: postgresStore({
        migrations: [Users1760000200000, UnicodeDomains1764150000000, LoginFailures1764250000000],
        entities: [UserEntity, RefreshFamilyEntity, RefreshTokenEntity, SigningKeyEntity],
      }),
    }),
  ],
  controllers: [
    RegisterController,
    LogInController,
    RefreshController,
    LogOutController,
    MeController,
    ListUsersController,
    ListAccountsHandler,
    JwksController,
  ],
  providers: [
    RegisterHandler,
    LogInHandler,
    RefreshHandler,
    LogOutHandler,
    MeHandler,
    ListUsersHandler,
    ListKeysHandler,
    TokenIssuer,
    KeyPublication,
    StaffSeed,
    { provide: Clock, useValue: systemClock },
    { provide: LoginThrottle, useClass: PostgresLoginThrottle },
    { provide: PasswordHasher, useClass: Argon2PasswordHasher },
    { provide: PasswordStrength, useClass: ZxcvbnPasswordStrength },
    { provide: Users, useClass: PostgresUsers },
    { provide: Sessions, useClass: PostgresSessions },
    { provide: SigningKeys, useClass: PostgresSigningKeys },
  ],
})
export class UsersModule {}

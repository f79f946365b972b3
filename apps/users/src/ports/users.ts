import type { Work } from '@seam/messaging';
import type { User } from '../domain/user.js';

export interface UserWithPassword extends User {
  readonly passwordHash: string;
}

/** The accounts. */
export abstract class Users {
  abstract byId(id: string): Promise<User | undefined>;
  /** @param email normalised */
  abstract byEmail(email: string): Promise<UserWithPassword | undefined>;
  /** Adds an account and publishes `UserRegistered` with it. Fails with `USER.EMAIL_TAKEN`. */
  abstract add(user: UserWithPassword): Work<void>;
  abstract setPasswordHash(id: string, passwordHash: string): Work<void>;
}

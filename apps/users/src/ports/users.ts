import type { Role } from '@seam/contracts';
import type { Work } from '@seam/messaging';
import type { User } from '../domain/user.js';

export interface UserWithPassword extends User {
  readonly passwordHash: string;
}

export interface RegisteredUser extends User {
  readonly registeredAt: Date;
}

export interface UserSearch {
  /** Normalised as an address is. Found in e-mail address or name, in any case and either form of Unicode. */
  readonly text?: string | undefined;
  readonly role?: Role | undefined;
  /** Only accounts whose id, which begins with the time it was made, is below this one. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** The accounts. */
export abstract class Users {
  abstract byId(id: string): Promise<User | undefined>;
  /** @param email normalised */
  abstract byEmail(email: string): Promise<UserWithPassword | undefined>;
  /** By id, the newest first. */
  abstract list(search: UserSearch): Promise<RegisteredUser[]>;
  /** Adds an account and publishes `UserRegistered` with it. Fails with `USER.EMAIL_TAKEN`. */
  abstract add(user: UserWithPassword): Work<void>;
  /** Resolves to whether it has: not where the hash is another than `before` by now. */
  abstract replacePasswordHash(id: string, before: string, after: string): Work<boolean>;
  /** Makes it the staff's, with this password, and ends its sessions: all of it or nothing. */
  abstract makeStaff(id: string, passwordHash: string): Work<void>;
}

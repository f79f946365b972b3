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
  /** Normalised like an address. Searched in e-mail address and name, ignoring case and Unicode form. */
  readonly text?: string | undefined;
  readonly role?: Role | undefined;
  /** Only accounts whose id is below this one. Ids begin with their time of creation. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** The accounts. */
export abstract class Users {
  abstract byId(id: string): Promise<User | undefined>;
  /** @param email normalised */
  abstract byEmail(email: string): Promise<UserWithPassword | undefined>;
  /** By id, newest first. */
  abstract list(search: UserSearch): Promise<RegisteredUser[]>;
  /** Adds an account and publishes `UserRegistered` with it. Fails with `USER.EMAIL_TAKEN`. */
  abstract add(user: UserWithPassword): Work<void>;
  /** Resolves with whether it was replaced: it is not if the hash is not `before` any more. */
  abstract replacePasswordHash(id: string, before: string, after: string): Work<boolean>;
  /** Turns it into a staff account with this password, and ends its sessions, all in one commit. */
  abstract makeStaff(id: string, passwordHash: string): Work<void>;
}

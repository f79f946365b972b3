import type { Role } from '@seam/contracts';

export interface User {
  readonly id: string;
  /** Normalised: see {@link normaliseEmail}. */
  readonly email: string;
  readonly name: string;
  readonly role: Role;
}

/** One spelling per address: what makes `A@b.c` and `a@b.c` the same account. */
export const normaliseEmail = (email: string): string => email.trim().toLowerCase();

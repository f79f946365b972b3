import type { Role } from '@seam/contracts';

export interface User {
  readonly id: string;
  /** Normalised, see `normaliseEmail`. */
  readonly email: string;
  readonly name: string;
  readonly role: Role;
}

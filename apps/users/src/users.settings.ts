import { z } from 'zod';

export const usersSettings = {
  /** The password of the staff account; if it is not set, a random one is created at the first start. */
  staffPassword: {
    name: 'SEAM_STAFF_PASSWORD',
    schema: z.string().min(8).max(128).optional(),
    may: 'must have 8 to 128 characters',
    secret: true,
  },
};

import { z } from 'zod';

const PROTOCOLS = ['smtp:', 'smtps:'];

export const notificationsSettings = {
  /** The mail server; undefined: e-mails go to a file. */
  smtpUrl: {
    name: 'SMTP_URL',
    schema: z
      .string()
      .refine((text) => URL.canParse(text) && PROTOCOLS.includes(new URL(text).protocol))
      .optional(),
    may: 'must be a URL such as smtp://user:password@host:587',
    secret: true,
  },
};

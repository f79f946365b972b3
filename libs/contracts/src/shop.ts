/** What every process of the shop knows of the others, whichever services it hosts. */
export const shop = {
  /** The settings that services declare: one that is given to all processes alike is nowhere taken for a mistyped name. */
  settings: [
    'SEAM_DEMO',
    'SEAM_MAX_PRICE',
    'SEAM_RESERVATION_S',
    'SEAM_STAFF_PASSWORD',
    'SEAM_WEBHOOK_SECRETS',
    'SMTP_URL',
  ],
};

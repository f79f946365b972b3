import { subscriptions } from './subscriptions.js';

/** What every process of the shop tells its host of the whole, whichever services it hosts. */
export const shop = {
  subscriptions,
  /** The settings that services declare: one that is given to all processes alike is nowhere taken for a mistyped name. */
  settings: [
    'SEAM_DEMO',
    'SEAM_MAX_PRICE',
    'SEAM_RESERVATION_S',
    'SEAM_STAFF_PASSWORD',
    'SEAM_WEBHOOK_SECRETS',
    'SMTP_URL',
  ],
  /** Who issues access tokens, and where the keys are that they are checked with. */
  keys: { service: 'users', path: '/.well-known/jwks.json' },
  texts: {
    name: 'Seam',
    purpose: 'An order-processing backend',
    topics: 'products, orders and their sagas, stock, payments, notifications and sales figures',
  },
};

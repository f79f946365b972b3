import { sent } from './message-flow.js';
import { subscriptions } from './subscriptions.js';

/** The definition of the shop for the host of every process, whichever services it hosts. */
export const shop = {
  subscriptions,
  sent,
  /** The settings that services declare: so one that is set in all processes is nowhere reported as unknown. */
  settings: [
    'SEAM_DEMO',
    'SEAM_MAX_PRICE',
    'SEAM_RESERVATION_S',
    'SEAM_STAFF_PASSWORD',
    'SEAM_WEBHOOK_SECRETS',
    'SMTP_URL',
  ],
  /** The service that issues access tokens, and where their keys are. */
  keys: { service: 'users', path: '/.well-known/jwks.json' },
  texts: {
    name: 'Seam',
    purpose: 'An order-processing backend',
    topics: 'products, orders and their sagas, stock, payments, notifications and sales figures',
  },
};

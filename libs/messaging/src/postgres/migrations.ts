import type { MigrationClass } from '@seam/persistence/postgres';
import { CancelKey1764750000000 } from './cancel-key.js';
import { DeadLetterActions1764625700000 } from './dead-letter-actions.js';
import { DeadLetterDetails1764600000000 } from './dead-letter-details.js';
import { OrderedOutbox1764700000000 } from './ordered-outbox-table.js';
import { PackedOutbox1764500000000 } from './packed-outbox.js';
import { MessagingTables1760000000000 } from './tables.js';

/** The migrations of the additional tables for messages in every service's database. */
export const messagingMigrations: readonly MigrationClass[] = [
  MessagingTables1760000000000,
  PackedOutbox1764500000000,
  DeadLetterDetails1764600000000,
  DeadLetterActions1764625700000,
  OrderedOutbox1764700000000,
  CancelKey1764750000000,
];

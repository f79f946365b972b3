import { Injectable } from '@nestjs/common';
import { type Plan, PostgresCommitter, type WorkAdapter } from '@seam/messaging/postgres';
import { ForeignEventKind, type ProviderEvent } from '../ports/payments.js';
import { toEventRow } from './payment-row.js';
import { keepEvents } from './payment-sql.js';

/** Stores events of the provider that are about no payment of this shop, in the same table as the others. */
@Injectable()
export class PostgresForeignEvents implements WorkAdapter<ProviderEvent, void> {
  constructor(committer: PostgresCommitter) {
    committer.register(ForeignEventKind, this);
  }

  plan(events: readonly ProviderEvent[]): Promise<Plan<void>> {
    const rows = events.map((event) => toEventRow(event, null));
    return Promise.resolve({ results: events.map(() => undefined), writes: [keepEvents(rows)] });
  }
}

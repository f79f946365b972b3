import { newId } from '@seam/kernel';
import { type Cause, type Committer, work } from '@seam/messaging';
import type { SalesFact } from '../../domain/sales.js';
import { SalesKind, type SalesReader } from '../sales.js';

/** The sales as one process uses them. */
export interface SalesProcess {
  readonly committer: Committer;
  readonly sales: SalesReader;
}

/** Counts facts in two processes with the same sales. */
export class SalesDriver {
  constructor(private readonly processes: readonly [SalesProcess, SalesProcess]) {}

  /** Counts a fact, by default as one of a new message. */
  count(fact: SalesFact, cause: Cause = newCause(), process: 0 | 1 = 0): Promise<'done' | 'duplicate'> {
    const counted = work(SalesKind, fact, () => ({ value: undefined, messages: [] }));
    return this.processes[process].committer.handle(counted, cause);
  }

  get reader(): SalesReader {
    return this.processes[1].sales;
  }
}

export const newCause = (): Cause => ({ messageId: newId(), handler: 'test/sales', correlationId: newId() });

export const euros = (amount: number): { amount: number; currency: string } => ({ amount, currency: 'EUR' });

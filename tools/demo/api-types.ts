/** The fields of the shop's answers that the demo reads. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

export interface Placed {
  readonly id: string;
  readonly sagaId: string;
  readonly total: Money;
}

export type OrderStatus = 'pending' | 'confirmed' | 'cancelling' | 'cancelled' | 'shipped';

export interface Order {
  readonly id: string;
  readonly status: OrderStatus;
  readonly total: Money;
  readonly cancellation?: { readonly code: string; readonly reason: string };
}

export interface Payment {
  readonly status: string;
  readonly amount: Money;
  readonly refunded: Money;
}

export interface Step {
  readonly name: string;
  readonly state: string;
  readonly attempts: number;
  readonly error?: string;
}

export interface Saga {
  readonly id: string;
  readonly definition: string;
  readonly state: 'running' | 'compensating' | 'completed' | 'compensated' | 'parked';
  readonly steps: readonly Step[];
}

export interface Page<T> {
  readonly items: readonly T[];
}

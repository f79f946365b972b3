/** The data about a service's messages that the checker reads. */
export interface MessageStore {
  /** Messages that are due and were not sent yet. */
  waiting(): Promise<number>;
  /** Handler and reason of each message the service gave up on. */
  dead(): Promise<string[]>;
}

export interface OrderRow {
  readonly id: string;
  readonly status: string;
  /** Minor units. */
  readonly total: number;
}

export interface OrderStore extends MessageStore {
  /** Every order, from its events. */
  orders(): Promise<OrderRow[]>;
  /** Every order, as the read model shows it. */
  shown(): Promise<Pick<OrderRow, 'id' | 'status'>[]>;
  sagas(): Promise<{ id: string; status: string }[]>;
  /** For each step that a saga has done or compensated, from its events: `<stream> <type of event> <step>`. */
  stepsDone(): Promise<string[]>;
}

export interface StockLine {
  readonly sku: string;
  readonly quantity: number;
}

export interface StockStore extends MessageStore {
  /** Each piece is in one of the three counts. */
  levels(): Promise<{ sku: string; available: number; reserved: number; sold: number }[]>;
  /** The pieces of all orders that hold some. */
  holdings(): Promise<{ orderId: string; lines: readonly StockLine[] }[]>;
}

export interface PaymentStore extends MessageStore {
  /** From the fake provider's ledger: how often each charge was made, and the captured and refunded amounts. */
  charges(): Promise<{ key: string; times: number; captured: number; refunded: number }[]>;
}

export interface SalesStore extends MessageStore {
  /** The counts: orders placed, and the revenue in minor units. */
  sales(): Promise<{ placed: number; revenue: number }>;
}

/** Every store of a shop, on any engine. The checker reads them directly, not through the services. */
export interface Stores {
  readonly orders: OrderStore;
  readonly inventory: StockStore;
  readonly payments: PaymentStore;
  readonly analytics: SalesStore;
  readonly users: MessageStore;
  readonly products: MessageStore;
  readonly notifications: MessageStore;
}

/** The types of the events by which a saga records that a step is done, or compensated. */
export const STEP_DONE: readonly string[] = ['step-completed', 'step-compensated'];

/** An order's status, from the last of its events whose type determines one. */
export const STATUS_OF: Readonly<Record<string, string>> = {
  'order-placed': 'pending',
  'order-confirmed': 'confirmed',
  'order-cancelled': 'cancelled',
  'order-shipped': 'shipped',
};

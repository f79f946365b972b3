import { setTimeout as pause } from 'node:timers/promises';
import type { DemoAction } from './order-kinds.js';
import type { PlannedOrder } from './plan.js';
import type { Answer, Problem, Shop } from './shop.js';
import type { Order, OrderStatus, Page, Payment, Placed, Saga } from './api-types.js';

/** The result of an order. */
export interface OrderResult {
  readonly planned: PlannedOrder;
  readonly order: Order;
  /** From the request to the end, ms. */
  readonly tookMs: number;
  readonly payment: Payment | undefined;
  /** The order's own saga first; empty without the staff's password. */
  readonly sagas: readonly Saga[];
  /** The differences of an answer from the expected one. */
  readonly differences: readonly string[];
}

export interface Parties {
  readonly customer: Shop;
  readonly staff: Shop | undefined;
}

const WAIT_MS = 60_000;
const ENDED = new Set(['completed', 'compensated', 'parked']);

/** Places an order of a kind, and waits for its end. */
export async function runOrder(planned: PlannedOrder, parties: Parties): Promise<OrderResult> {
  const differences: string[] = [];
  const started = performance.now();
  const placed = await place(planned, parties.customer, differences);
  await act(planned.kind.act, placed, parties, differences);
  const order = await ended(parties.customer, placed.id, planned.kind.expected.status);
  const tookMs = performance.now() - started;
  const { status, body } = await parties.customer.call<Payment>(`/api/payments/${placed.id}`);
  return {
    planned,
    order,
    tookMs,
    payment: status === 200 ? body : undefined,
    sagas: parties.staff === undefined ? [] : await sagasOf(placed, planned.kind.act, parties.staff),
    differences,
  };
}

async function place({ kind, lines }: PlannedOrder, customer: Shop, differences: string[]): Promise<Placed> {
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const body = { items: lines, payment: { method: 'card', token: kind.token } };
  if (kind.act !== 'repeat') return customer.post<Placed>('/api/orders', body, headers);
  const answers = await Promise.all([1, 2, 3].map(() => customer.post<Placed>('/api/orders', body, headers)));
  const ids = new Set(answers.map(({ id }) => id));
  if (ids.size !== 1) differences.push(`one request sent three times became ${ids.size} orders`);
  const other = { ...body, items: lines.map(({ sku, quantity }) => ({ sku, quantity: quantity + 1 })) };
  const answer = await customer.call<Problem>('/api/orders', { method: 'POST', body: other, headers });
  expectStatus(answer, 422, 'another order under the same key', differences);
  const [first] = answers;
  if (first === undefined) throw new Error('no answer');
  return first;
}

/** The demo's action on an order in progress, or at its end. */
async function act(
  kind: DemoAction | undefined,
  { id, sagaId }: Placed,
  { customer, staff }: Parties,
  differences: string[],
): Promise<void> {
  const cancel = (): Promise<Answer<Problem>> => customer.call(`/api/orders/${id}/cancel`, { method: 'POST' });
  if (kind === 'cancel-at-once') expectStatus(await cancel(), 202, 'cancelling', differences);
  if (kind !== 'cancel-later' && kind !== 'ship') return;
  await ended(customer, id, 'confirmed');
  if (staff !== undefined) await sagaEnded(staff, sagaId);
  if (kind === 'cancel-later') {
    expectStatus(await cancel(), 202, 'cancelling', differences);
    return;
  }
  const body = { tracking: `DEMO-${id.slice(0, 8)}` };
  const shipped = await staff?.call<Problem>(`/api/orders/${id}/shipments`, { method: 'POST', body });
  if (shipped !== undefined) expectStatus(shipped, 201, 'shipping', differences);
  expectStatus(await cancel(), 409, 'cancelling what was shipped', differences);
}

function expectStatus({ status, body }: Answer<Problem>, wanted: number, what: string, differences: string[]): void {
  if (status !== wanted) differences.push(`${what} came to ${status} ${body.code ?? ''}, not ${wanted}`);
}

/** The order once it does not change any more by itself, or its state when the time limit is over. */
function ended(customer: Shop, id: string, wanted: OrderStatus): Promise<Order> {
  const isEnd = ({ status }: Order): boolean =>
    status === wanted || status === 'cancelled' || (wanted !== 'cancelled' && status === 'confirmed');
  return poll(() => customer.get<Order>(`/api/orders/${id}`), isEnd);
}

const sagaEnded = (staff: Shop, id: string): Promise<Saga> =>
  poll(
    () => staff.get<Saga>(`/api/sagas/${id}`),
    ({ state }) => ENDED.has(state),
  );

/** The list of sagas is slightly out of date, so it is polled until it has all expected sagas at their end. */
async function sagasOf({ id, sagaId }: Placed, kind: DemoAction | undefined, staff: Shop): Promise<Saga[]> {
  const own = await sagaEnded(staff, sagaId);
  if (kind !== 'cancel-later') return [own];
  const { items } = await poll(
    () => staff.get<Page<Saga>>(`/api/sagas?orderId=${id}`),
    (page) => page.items.length > 1 && page.items.every(({ state }) => ENDED.has(state)),
  );
  return [own, ...items.filter((saga) => saga.id !== sagaId)];
}

async function poll<T>(ask: () => Promise<T>, isEnough: (answer: T) => boolean): Promise<T> {
  const until = performance.now() + WAIT_MS;
  for (let waitMs = 15; ; waitMs = Math.min(250, waitMs * 1.5)) {
    const answer = await ask();
    if (isEnough(answer) || performance.now() > until) return answer;
    await pause(waitMs);
  }
}

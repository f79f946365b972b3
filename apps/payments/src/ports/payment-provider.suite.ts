import { newId } from '@seam/kernel';
import type { ChargeAnswer, ChargeRequest, PaymentProvider } from './payment-provider.js';

/** A provider for the suite, with cards that behave as named. */
export interface ProviderUnderTest {
  readonly provider: () => PaymentProvider;
  readonly cards: { readonly captures: string; readonly declines: string };
  /** How often the provider's own ledger has charged, and refunded, under a key. */
  readonly books: (key: string) => Promise<{ charged: number; refunds: number }>;
}

/** The guarantees of every adapter of {@link PaymentProvider}, on which the payments' decisions rely. */
export function providerSuite({ provider, cards, books }: ProviderUnderTest): void {
  const signal = new AbortController().signal;
  const request = (token: string): ChargeRequest => {
    const orderId = newId();
    return { key: `charge-${orderId}`, orderId, amount: { amount: 1299, currency: 'EUR' }, token };
  };
  const charge = (of: ChargeRequest): Promise<ChargeAnswer> => provider().charge(of, signal);
  const refund = (of: ChargeRequest, key = `refund-${of.orderId}`): Promise<void> =>
    provider().refund({ key, chargeKey: of.key }, signal);

  it('has no charge that was not requested', async () => {
    expect(await provider().ask(request(cards.captures).key, signal)).toEqual({ outcome: 'none' });
  });

  it('captures, and answers the same again', async () => {
    const order = request(cards.captures);
    expect(await charge(order)).toEqual({ outcome: 'captured' });
    expect(await provider().ask(order.key, signal)).toEqual({ outcome: 'captured' });
  });

  it('declines with a reason, and answers the same again', async () => {
    const order = request(cards.declines);
    const answer = await charge(order);
    expect(answer).toEqual({ outcome: 'declined', reason: expect.any(String) });
    expect(await charge(order)).toEqual(answer);
    expect(await provider().ask(order.key, signal)).toEqual(answer);
    expect(await books(order.key)).toEqual({ charged: 0, refunds: 0 });
  });

  it('charges once under one key, whether the calls come together or one after the other', async () => {
    const order = request(cards.captures);
    const answers = await Promise.all([charge(order), charge(order), charge(order)]);
    answers.push(await charge(order));
    expect(answers).toEqual(Array(4).fill({ outcome: 'captured' }));
    expect(await books(order.key)).toEqual({ charged: 1, refunds: 0 });
  });

  it('handles many charges at once, each separately', async () => {
    const orders = Array.from({ length: 40 }, (_, n) => request(n % 4 === 0 ? cards.declines : cards.captures));
    const outcomes = (await Promise.all(orders.map(charge))).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(orders.map((_, n) => (n % 4 === 0 ? 'declined' : 'captured')));
  });

  it('refunds once, and reports it', async () => {
    const order = request(cards.captures);
    await charge(order);
    await Promise.all([refund(order), refund(order)]);
    await refund(order);
    expect(await provider().ask(order.key, signal)).toEqual({ outcome: 'refunded' });
    expect(await books(order.key)).toEqual({ charged: 1, refunds: 1 });
  });

  it('does not charge again under the key of a refunded charge', async () => {
    const order = request(cards.captures);
    await charge(order);
    await refund(order);
    await charge(order);
    expect(await books(order.key)).toEqual({ charged: 1, refunds: 1 });
  });

  it('refuses to refund a charge that was not captured', async () => {
    const order = request(cards.declines);
    await expect(refund(order)).rejects.toThrow();
    await charge(order);
    await expect(refund(order)).rejects.toThrow();
  });
}

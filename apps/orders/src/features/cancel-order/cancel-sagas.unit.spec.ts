import { fold } from '@seam/event-sourcing';
import { CodedError } from '@seam/kernel';
import { Saga, SagaRunner, type SagaState } from '@seam/saga';
import { done, type SagaTestInput, refused, runSaga, type StepOf, timedOut } from '@seam/testing';
import { type Order, OrderAggregate, type OrderEvent } from '../../domain/order.js';
import { cancelOrderSaga } from '../../sagas/cancel-order.saga.js';
import { placeOrderSaga } from '../../sagas/place-order.saga.js';
import { at, cancellationRequested, confirmed, placed, placeData } from '../../testing/an-order.js';
import { cancelSagas, type SagaCancellation } from './cancel-sagas.js';

const clock = { now: () => new Date(at) };
const unanswered = Array.from({ length: 5 }, () => timedOut);
const declined = refused('charge-payment', 'PAYMENT_DECLINED', 'no funds');

/** The same steps, and one more, as a later version of the placement might have them. */
const { name, input, aggregate, aggregateId, steps } = placeOrderSaga;
const secondVersion = {
  ...{ name, input, aggregate, aggregateId, version: 2 },
  steps: [...steps.slice(0, 2), { ...steps[1]!, name: 'check-fraud' }],
};
const runner = new SagaRunner('orders', [placeOrderSaga, secondVersion, cancelOrderSaga], clock);

const placement = (...inputs: SagaTestInput<StepOf<typeof placeOrderSaga>>[]): SagaState =>
  runSaga(placeOrderSaga, { data: placeData, history: [placed] }, inputs).state;
const cancellation = (...inputs: SagaTestInput<StepOf<typeof cancelOrderSaga>>[]): SagaState =>
  runSaga(
    cancelOrderSaga,
    { data: { ...placeData, reason: 'why' }, history: [placed, confirmed, cancellationRequested] },
    inputs,
  ).state;
const completed = placement(done('reserve-stock'), done('charge-payment'), done('send-confirmation'));

function cancel(sagas: { placement: SagaState; cancellation?: SagaState }, ...since: OrderEvent[]): SagaCancellation {
  const order: Order = fold(OrderAggregate, [placed, ...since, cancellationRequested]);
  return cancelSagas(runner, order, { cancellation: Saga.initial, ...sagas }, why, at);
}
const why = { code: 'CUSTOMER_REQUEST', reason: 'changed my mind' } as const;
const sent = ({ messages }: SagaCancellation): string[] => messages.map(({ type }) => type);
const types = (events: readonly { type: string }[] = []): string[] => events.map(({ type }) => type);

describe('cancelling an order', () => {
  it('in progress waits for the pending step', () => {
    const cancelled = cancel({ placement: placement(done('reserve-stock')) });
    expect(types(cancelled.placement)).toEqual(['abort-requested']);
    expect(sent(cancelled)).toEqual([]);
  });

  it.each([
    ['reservation', [], 'inventory.release-stock.v1'],
    ['charge', [done('reserve-stock')], 'payments.refund-payment.v1'],
    ['e-mail', [done('reserve-stock'), done('charge-payment')], 'notifications.cancel-notification.v1'],
  ])('whose %s was never answered compensates it at once', (_, before, type) => {
    const cancelled = cancel({ placement: placement(...before, ...unanswered) });
    expect(types(cancelled.placement)).toEqual(['abort-requested', 'step-given-up']);
    expect(sent(cancelled)).toEqual([type]);
  });

  it('that is compensating for another reason lets it continue', () => {
    const cancelled = cancel({ placement: placement(done('reserve-stock'), declined) });
    expect(cancelled).toEqual({ order: [], messages: [] });
  });

  it('that is parked while compensating is a conflict with the reason', () => {
    const parked = placement(done('reserve-stock'), declined, ...unanswered);
    expect(cancel({ placement: parked }).parked).toEqual(
      new CodedError(
        'conflict',
        'ORDER.CANCELLATION_PARKED',
        'The order is being cancelled already (PAYMENT_DECLINED: no funds), and its saga saga-1 is parked and waits for staff ' +
          'at compensating reserve-stock: no answer within the time limit (attempt 5 of 5)',
      ),
    );
  });

  it('that was confirmed starts another saga', () => {
    const cancelled = cancel({ placement: completed }, confirmed);
    expect(types(cancelled.cancellation)).toEqual(['saga-started']);
    expect(sent(cancelled)).toEqual(['payments.refund-payment.v1']);
  });

  it('again does nothing while that saga runs, and is a conflict if it is parked', () => {
    expect(cancel({ placement: completed, cancellation: cancellation() })).toEqual({ order: [], messages: [] });
    const parked = cancellation(...unanswered);
    const { parked: conflict } = cancel({ placement: completed, cancellation: parked });
    expect(conflict?.message).toMatch(/waits for staff at refund-payment/);
  });

  it('uses the steps of its saga’s own version', () => {
    const inputs = [done('reserve-stock'), ...unanswered];
    const { state } = runSaga(secondVersion, { data: placeData, history: [placed] }, inputs);
    expect(sent(cancel({ placement: state }))).toEqual(['inventory.release-stock.v1']);
  });

  it('of a version that this process does not have can be retried', () => {
    const { state } = runSaga({ ...secondVersion, version: 3 }, { data: placeData, history: [placed] }, []);
    expect(() => cancel({ placement: state })).toThrow(expect.objectContaining({ kind: 'unavailable' }));
  });
});

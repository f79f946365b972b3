import {
  compensated,
  deadlinePassed,
  done,
  refused,
  runSaga,
  type SagaTestInput,
  sagaSpecification,
  type StepOf,
  timedOut,
} from '@seam/testing';
import { bookRoom } from '../../examples/booking/src/bookings/book-room.saga.js';

const data = { bookingId: 'b1', guest: 'Ada', room: '101', nights: { from: '2027-05-01', to: '2027-05-03' } };
const specification = sagaSpecification(bookRoom, { data });
const hold = done('hold', { price: 5_000 });
const deposit = done('deposit', { taken: 5_000 });
const code = done('code', { code: 'abc' });
const rest = (amount: number) => done('rest', { bookingId: 'b1', amount });

describe('booking a room', () => {
  it('holds it, takes half of its price and makes a code together, waits for the rest, and confirms', () => {
    specification
      .given()
      .when(hold)
      .then({ messages: ['payments.take-deposit.v1', 'rooms.make-code.v1'] });
    specification
      .given(hold, code)
      .when(deposit)
      .then({ waitsFor: 'do rest', messages: ['tested.await-event.v1'] });
    specification
      .given(hold, deposit, code)
      .when(rest(5_000))
      .then({ status: 'completed', events: [{ type: 'confirmed', data: { paid: 10_000, code: 'abc' } }] });
  });

  it('goes on without a code, and not with less than its price', () => {
    specification
      .given(hold, refused('code', 'NO_LOCK'), deposit)
      .when(rest(5_000))
      .then({ events: [{ type: 'confirmed', data: { paid: 10_000 } }] });
    specification
      .given(hold, deposit, code)
      .when(rest(4_999))
      .then({ status: 'compensating', messages: ['payments.return-deposit.v1'] });
  });

  it('expires after 15 minutes, parked or not, and keeps a tenth of the deposit', () => {
    const keptBy = (...before: SagaTestInput<StepOf<typeof bookRoom>>[]): unknown =>
      runSaga(bookRoom, { data }, before).messages.findLast(({ type }) => type === 'payments.return-deposit.v1')?.data;
    expect(keptBy(hold, deposit, code, deadlinePassed)).toMatchObject({ keep: 500 });
    expect(keptBy(hold, deposit, code, rest(1))).toMatchObject({ keep: 0 });
    const exhausted = Array.from({ length: 5 }, () => timedOut);
    expect(runSaga(bookRoom, { data }, exhausted).state.status).toBe('parked');
    specification
      .given(...exhausted)
      .when(deadlinePassed)
      .then({ status: 'compensating', messages: ['rooms.release-room.v1'] });
    specification
      .given(hold, deposit, code, deadlinePassed, compensated('deposit'))
      .when(compensated('hold'))
      .then({ status: 'compensated', events: ['cancelled'] });
  });
});

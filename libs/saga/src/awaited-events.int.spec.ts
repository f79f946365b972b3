import { defineEvent } from '@seam/messaging/contract';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { startTestServer } from '@seam/persistence/testing';
import { eventually } from '@seam/testing';
import { canStart, type OwnEngine, ownEngine } from '@seam/testing/engines';
import { z } from 'zod';
import { saga } from './saga-builder.js';
import { sagaService } from './testing/saga-service.js';
import { Trip, TripData } from './testing/trip.js';
import { settingsOn, TripsProcess } from './testing/trips-process.js';

const engines = [['PostgreSQL'], ...(canStart('mongodb') ? [['MongoDB']] : [])] as ['PostgreSQL' | 'MongoDB'][];

const Paid = defineEvent({ service: 'bank', name: 'paid', data: z.object({ reference: z.string(), cents: z.int() }) });

const head = (name: string) =>
  saga(name, { version: 1, input: TripData, aggregate: Trip, aggregateId: ({ tripId }) => tripId }).started('open', {
    compensate: ({ at }) => [{ type: 'trip-closed', at, data: {} }],
  });
const orElse = { code: 'UNPAID', reason: 'no payment' };
/** By the trip: paid for, or closed after three seconds. */
const paidTrip = head('paid-trip')
  .waitFor('paid', Paid, {
    key: ({ reference }) => reference,
    equals: ({ input }) => input.tripId,
    withinMs: 3_000,
    orElse,
  })
  .decide('seal', ({ at, results }) => [{ type: 'trip-sealed', at, data: results.paid }]);
/** By the amount: another key of the same event. */
const sevenCents = head('seven-cents')
  .waitFor('seven', Paid, { key: ({ cents }) => String(cents), equals: () => '7', withinMs: 30_000, orElse })
  .decide('seal', ({ at }) => [{ type: 'trip-sealed', at, data: {} }]);

describe.each(engines)('sagas on %s that wait for an event', (engine) => {
  let postgres: EmbeddedPostgres;
  let mongo: OwnEngine | undefined;
  let trips: TripsProcess;

  const start = async (): Promise<void> => {
    const service = sagaService('land', { engine, path: 'api/sagas', more: [paidTrip, sevenCents], takes: [Paid] });
    trips = await TripsProcess.with(settingsOn(postgres, mongo?.url), service);
  };
  beforeAll(async () => {
    postgres = await startTestServer();
    mongo = engine === 'MongoDB' ? await ownEngine('mongodb') : undefined;
    await start();
  });
  afterAll(async () => {
    await trips.close();
    await postgres.stop();
    await mongo?.remove();
  });

  const begin = (tripId: string): Promise<string> => trips.begin('land', tripId, paidTrip);
  const pay = (reference: string, cents = 100, id?: string): Promise<void> =>
    trips.publish(Paid, { reference, cents }, id);
  const endOf = (id: string): Promise<any> =>
    eventually(async () => {
      const { body } = await trips.call('GET', `/sagas/${id}`);
      expect(['completed', 'compensated']).toContain(body.state);
      return body;
    });
  const paidIn = (body: any): unknown =>
    body.timeline.find(({ kind, step }: any) => kind === 'attempt' && step === 'paid').result;

  it('go on when it comes, and one that has come before is kept for them', async () => {
    const late = await begin('late');
    await eventually(async () =>
      expect((await trips.call('GET', `/sagas/${late}`)).body.steps[1]).toMatchObject({ state: 'running' }),
    );
    await pay('late', 1);
    expect(paidIn(await endOf(late))).toMatchObject({ cents: 1 });

    await pay('early', 2);
    await trips.close();
    await start();
    const early = await begin('early');
    expect(paidIn(await endOf(early))).toMatchObject({ cents: 2 });
  });

  it('all get the first of several events with their key, and a repeated one changes nothing', async () => {
    await pay('twice', 3, '018f4e2a-1111-7222-8333-444455556666');
    await pay('twice', 3, '018f4e2a-1111-7222-8333-444455556666');
    await pay('twice', 4);
    const [one, other] = [await begin('twice'), await trips.begin('land', 'other', sevenCents)];
    expect(paidIn(await endOf(one))).toMatchObject({ cents: 3 });
    await pay('unknown', 7);
    expect((await endOf(other)).state).toBe('completed');
  });

  it('end as defined if none comes in time', async () => {
    const id = await begin('never');
    const { state, timeline } = await endOf(id);
    expect(state).toBe('compensated');
    expect(timeline).toContainEqual(expect.objectContaining({ step: 'paid', outcome: 'given-up' }));
    await pay('never');
    expect((await endOf(id)).state).toBe('compensated');
  });

  it('miss none that comes at the moment when they begin to wait', async () => {
    const names = Array.from({ length: 100 }, (_, n) => `race-${n}`);
    const ids = await Promise.all(
      names.map(async (name, n) => {
        const pause = new Promise((run) => setTimeout(run, n % 20));
        const [id] = await Promise.all([begin(name), pause.then(() => pay(name, n))]);
        return id;
      }),
    );
    const ends = await Promise.all(ids.map(endOf));
    expect(ends.map(({ state }) => state)).toEqual(ids.map(() => 'completed'));
    expect(ends.map((body) => (paidIn(body) as { cents: number }).cents)).toEqual(names.map((_, n) => n));
  });
});

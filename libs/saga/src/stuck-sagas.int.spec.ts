import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { startTestServer } from '@seam/persistence/testing';
import { eventually } from '@seam/testing';
import { canStart, type OwnEngine, ownEngine } from '@seam/testing/engines';
import { send } from './definition.js';
import { saga } from './saga-builder.js';
import { sagaService } from './testing/saga-service.js';
import { Trip, tripCommand, TripData } from './testing/trip.js';
import { settingsOn, TripsProcess } from './testing/trips-process.js';

const engines = [['PostgreSQL'], ...(canStart('mongodb') ? [['MongoDB']] : [])] as ['PostgreSQL' | 'MongoDB'][];

const STUCK = 300;
/** Its definition is missing in the process that is to time it out. */
const lost = saga('lost', { version: 1, input: TripData, aggregate: Trip, aggregateId: ({ tripId }) => tripId })
  .started('open')
  .call(
    'flight',
    send(tripCommand('flights', 'book'), () => ({})),
    { attemptTimeoutMs: 500 },
  );

describe.each(engines)(`${STUCK} sagas on %s that cannot be advanced`, (engine) => {
  let postgres: EmbeddedPostgres;
  let mongo: OwnEngine | undefined;
  let trips: TripsProcess;

  const start = async (more: readonly unknown[]): Promise<void> => {
    const service = sagaService('land', { engine, path: 'api/sagas', more });
    trips = await TripsProcess.with({ ...settingsOn(postgres, mongo?.url), rolloutMs: 1_000 }, service);
  };
  beforeAll(async () => {
    postgres = await startTestServer();
    mongo = engine === 'MongoDB' ? await ownEngine('mongodb') : undefined;
    await start([lost]);
    await Promise.all(Array.from({ length: STUCK }, (_, n) => trips.begin('land', `lost-${n}`, lost)));
    await trips.close();
    await start([]);
  });
  afterAll(async () => {
    await trips.close();
    await postgres.stop();
    await mongo?.remove();
  });

  const retryOf = (id: string): Promise<{ deadline: string; at: string }> =>
    eventually(async () => {
      const { timeline } = (await trips.call('GET', `/sagas/${id}`)).body;
      const attempts = timeline.filter(({ kind, step }: any) => kind === 'attempt' && step === 'flight');
      expect(attempts).toHaveLength(2);
      return { deadline: attempts[0].deadline, at: attempts[1].at };
    });

  it('do not delay the time limits of others by a second', async () => {
    for (let n = 0; n < 3; n += 1) {
      const { deadline, at } = await retryOf(await trips.begin('land', `trip-${n}`));
      // Time limits are looked at every second.
      expect(Date.parse(at) - Date.parse(deadline)).toBeLessThan(2_000);
    }
  });

  it('are set aside with the reason, after no process has had their definition for a while', async () => {
    await eventually(
      async () => {
        const { items } = (await trips.call('GET', '/land/set-aside?limit=100')).body;
        expect(items.length).toBeGreaterThan(0);
        for (const one of items)
          expect(one).toMatchObject({ what: 'saga-timers', reason: expect.stringContaining('lost.v1') });
      },
      { withinMs: 30_000 },
    );
  });
});

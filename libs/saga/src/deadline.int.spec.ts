import { done } from '@seam/messaging/contract';
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

const call = (name: string) => send(tripCommand('flights', name), () => ({}));

/** Rests for a moment, then asks for a flight, once; nobody answers. */
const outing = saga('outing', {
  version: 1,
  input: TripData,
  aggregate: Trip,
  aggregateId: ({ tripId }) => tripId,
  deadline: { withinMs: 5_000, failure: { code: 'LATE', reason: 'it is dark' } },
})
  .started('open', { compensate: ({ at }) => [{ type: 'trip-closed', at, data: {} }] })
  .sleep('rest', 1_000)
  .call('flight', call('book'), { compensate: call('unbook'), attemptTimeoutMs: 500, retry: { attempts: 1 } });

describe.each(engines)('on %s', (engine) => {
  let postgres: EmbeddedPostgres;
  let mongo: OwnEngine | undefined;
  let trips: TripsProcess;

  const start = async (): Promise<void> => {
    const service = sagaService('land', { engine, path: 'api/sagas', more: [outing] });
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

  const stateOf = async (id: string): Promise<any> => (await trips.call('GET', `/sagas/${id}`)).body;
  const reaches = (id: string, state: string): Promise<any> =>
    eventually(async () => {
      const found = await stateOf(id);
      expect(found.state).toBe(state);
      return found;
    });

  it('a saga that sleeps, and is parked, compensates at its deadline, whichever process lives then', async () => {
    const id = await trips.begin('land', 'trip-1', outing);
    expect((await stateOf(id)).steps).toMatchObject([{ state: 'done' }, { name: 'rest', state: 'running' }, {}]);
    // The process ends while the saga sleeps, and again while it is parked.
    await trips.close();
    await start();
    await reaches(id, 'parked');
    await trips.close();
    await start();
    await reaches(id, 'compensating');
    await trips.answer(await trips.command('flights.unbook.v1', id), done({}));
    await reaches(id, 'compensated');
    const { startedAt, timeline } = await stateOf(id);
    const abort = timeline.find(({ kind }: any) => kind === 'abort');
    expect(abort).toMatchObject({ code: 'LATE' });
    expect(Date.parse(abort.at) - Date.parse(startedAt)).toBeGreaterThanOrEqual(5_000);
  });
});

import { done } from '@seam/messaging/contract';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { startTestServer } from '@seam/persistence/testing';
import { eventually } from '@seam/testing';
import { canStart, type OwnEngine, ownEngine } from '@seam/testing/engines';
import { sagaService } from '../testing/saga-service.js';
import { settingsOn, TripsProcess } from '../testing/trips-process.js';

const path = 'api/sagas';
const mixes = [['PostgreSQL'], ...(canStart('mongodb') ? [['MongoDB']] : [])] as ['PostgreSQL' | 'MongoDB'][];

describe.each(mixes)('services of one process on PostgreSQL and %s share the routes of sagas', (engine) => {
  let postgres: EmbeddedPostgres;
  let mongo: OwnEngine | undefined;
  let trips: TripsProcess;
  /** Started one after the other, on alternate services. */
  const ids: string[] = [];

  beforeAll(async () => {
    postgres = await startTestServer();
    mongo = engine === 'MongoDB' ? await ownEngine('mongodb') : undefined;
    const services = [sagaService('land', { path }), sagaService('sea', { path, engine })];
    trips = await TripsProcess.with(settingsOn(postgres, mongo?.url), ...services);
    for (let n = 0; n < 7; n += 1) ids.push(await trips.begin(serviceOf(n), `trip-${n}`));
    await eventually(async () => expect(await list('limit=100')).toHaveLength(7));
  });
  afterAll(async () => {
    await trips.close();
    await postgres.stop();
    await mongo?.remove();
  });

  const serviceOf = (n: number): string => (n % 2 === 0 ? 'land' : 'sea');
  const get = async (query: string): Promise<any> => (await trips.call('GET', `/sagas?${query}`)).body;
  const list = async (query: string): Promise<string[]> => (await get(query)).items.map(({ id }: any) => id);

  it.each([1, 2, 3, 6, 7])('one list shows all, in pages of %s, each saga once', async (limit) => {
    const seen: any[] = [];
    for (let cursor = ''; ;) {
      const { items, nextCursor, unavailable } = await get(`limit=${limit}${cursor}`);
      expect(unavailable).toEqual([]);
      seen.push(...items);
      if (nextCursor === null) break;
      cursor = `&cursor=${nextCursor}`;
    }
    const expected = ids.map((id, n) => ({ id, service: serviceOf(n), tripId: `trip-${n}` })).reverse();
    expect(seen).toMatchObject(expected);
  });

  it('it can be filtered by service, definition, version, step, state, age and attempts', async () => {
    const all = [...ids].reverse();
    expect(await list('service=sea')).toEqual(all.filter((id) => ids.indexOf(id) % 2 === 1));
    expect(await list('tripId=trip-3')).toEqual([ids[3]]);
    expect(await list('definition=trip&version=1&step=flight')).toEqual(all);
    for (const none of ['definition=tour', 'version=2', 'step=letter', 'state=parked', 'olderThan=3600'])
      expect(await list(none)).toEqual([]);
    const { startedAt } = (await trips.call('GET', `/sagas/${ids[2]}`)).body;
    expect(await list(`startedBefore=${startedAt}`)).toEqual([ids[1], ids[0]]);
    // No service answers, so each is retried after a second.
    await eventually(async () => expect((await list('retrying=true')).length).toBeGreaterThan(0));
    for (const wrong of ['service=air', 'version=0', 'retrying=yes', 'olderThan=-1', 'startedBefore=noon'])
      expect(await trips.call('GET', `/sagas?${wrong}`)).toMatchObject({ status: 400 });
  });

  it('a saga is found, and operators can act on it, in any of the services', async () => {
    for (const id of [ids[5], ids[6]]) {
      expect(await trips.call('GET', `/sagas/${id}`)).toMatchObject({ status: 200, body: { id } });
      const paused = await trips.call('POST', `/sagas/${id}/pause`, { reason: 'why' });
      expect(paused).toMatchObject({ status: 202, body: { id, state: 'paused' } });
      await trips.answer(await trips.command('flights.book.v1', id!), done({}));
      await eventually(async () =>
        expect((await trips.call('GET', `/sagas/${id}`)).body).toMatchObject({
          state: 'paused',
          steps: [{}, { name: 'flight', state: 'done' }, {}, {}, {}],
        }),
      );
    }
    await eventually(async () => expect(await list('state=paused')).toEqual([ids[6], ids[5]]));
    // The list may have the pause, and not yet the reply that came after it.
    await eventually(async () =>
      expect(await list('state=paused&step=hotel&definition=trip')).toEqual([ids[6], ids[5]]),
    );
    expect(await trips.call('GET', '/sagas/3f0a1c52-9d4e-8b77-a1c2-5e6f7a8b9c0d')).toMatchObject({ status: 404 });
  });

  it('each service is shown in the metrics, which both share', async () => {
    const text = await (await fetch(`${trips.running.url}/metrics`)).text();
    for (const service of ['land', 'sea'])
      expect(text).toContain(`seam_sagas{service="${service}",definition="trip",state="paused"} 1`);
  });

  it('the document has each route once', async () => {
    const { paths } = (await (await fetch(`${trips.running.url}/docs-json`)).json()) as any;
    const names = paths['/api/sagas'].get.parameters.map(({ name }: any) => name);
    expect(names).toEqual(expect.arrayContaining(['tripId', 'service', 'definition', 'step', 'retrying', 'cursor']));
    expect(names).toHaveLength(new Set(names).size);
  });

  if (engine === 'MongoDB')
    it('a service whose store does not answer is named, and the others are shown', async () => {
      await mongo!.pause();
      try {
        await eventually(async () => {
          const body = await get('limit=2');
          expect(body.unavailable).toEqual([
            { service: 'sea', code: 'STORE.UNAVAILABLE', reason: expect.stringContaining('does not answer') },
          ]);
          expect(body.items).toMatchObject([{ id: ids[6] }, { id: ids[4] }]);
        });
        expect((await trips.call('GET', `/sagas/${ids[6]}`)).status).toBe(200);
        expect((await trips.call('GET', `/sagas/${ids[5]}`)).status).toBe(503);
        expect((await trips.call('GET', '/sagas?service=sea')).status).toBe(503);
      } finally {
        await mongo!.resume();
      }
      await eventually(async () => expect((await get('limit=100')).items).toHaveLength(7));
    });
});

import { type EventEngine, EventStore, Projectors, Rebuilds, SetAsides } from '@seam/event-sourcing';
import { startProcess } from '@seam/host';
import { done, refused } from '@seam/messaging/contract';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { Database } from '@seam/persistence/postgres';
import { startTestServer } from '@seam/persistence/testing';
import { eventually } from '@seam/testing';
import { sagaService } from '../testing/saga-service.js';
import { type Answered, settingsOn, systemOf, TripsProcess } from '../testing/trips-process.js';

/** Stands for the database class of another engine. */
abstract class OtherDatabase {
  abstract readonly name: string;
}

let postgres: EmbeddedPostgres;
beforeAll(async () => {
  postgres = await startTestServer();
});
afterAll(() => postgres.stop());

describe('two services of one process that run sagas', () => {
  let trips: TripsProcess;

  beforeAll(async () => {
    // One of the services lists its modules in the opposite order.
    const sea = sagaService('sea', { modules: ['sagas', 'events', 'messaging'] });
    trips = await TripsProcess.start(postgres, sagaService('land'), sea);
  });
  afterAll(() => trips.close());

  const call = (method: string, path: string, role?: 'customer'): Promise<Answered> =>
    trips.call(method, path, undefined, role);

  const listed = async (service: string, query = ''): Promise<any[]> =>
    (await call('GET', `/${service}/sagas?limit=100${query}`)).body.items;

  it('each show only their own sagas, with the service’s name for their subject', async () => {
    const [onLand, atSea] = [await trips.begin('land', 'trip-1'), await trips.begin('sea', 'trip-1')];
    await eventually(async () => expect(await listed('land')).toMatchObject([{ id: onLand, tripId: 'trip-1' }]));
    await eventually(async () => expect(await listed('sea', '&tripId=trip-1')).toMatchObject([{ id: atSea }]));
    expect(await listed('sea', '&tripId=trip-2')).toEqual([]);
    expect(await call('GET', `/land/sagas/${onLand.toUpperCase()}`)).toMatchObject({
      status: 200,
      body: { id: onLand, state: 'running', steps: [{ name: 'open', state: 'done' }, { name: 'flight' }, {}, {}, {}] },
    });
    expect(await call('GET', `/land/sagas/${atSea}`)).toMatchObject({ status: 404, body: { code: 'SAGA.NOT_FOUND' } });
    expect(await call('GET', '/land/sagas?correlationId=x')).toMatchObject({ status: 400 });
    expect(await call('GET', '/land/sagas', 'customer')).toMatchObject({ status: 403 });
  });

  it('get the replies to their own commands, and are redriven separately', async () => {
    const [onLand, atSea] = [await trips.begin('land', 'trip-3'), await trips.begin('sea', 'trip-3')];
    for (const id of [onLand, atSea]) {
      await trips.answer(await trips.command('flights.book.v1', id), done({}));
      await trips.answer(await trips.command('hotels.book.v1', id), done({}));
    }
    // Its last step is refused, so the steps before it are compensated; a compensation is refused too, so the saga is
    // parked.
    await trips.answer(await trips.command('post.write.v1', atSea), refused('NO_STAMP', 'no stamp'));
    await trips.answer(await trips.command('hotels.unbook.v1', atSea), refused('CLOSED', 'closed today'));
    await eventually(async () =>
      expect(await call('GET', `/sea/sagas/${atSea}`)).toMatchObject({ body: { state: 'parked' } }),
    );
    expect(await call('POST', `/land/sagas/${onLand}/redrive`)).toMatchObject({
      status: 409,
      body: { code: 'SAGA.NOT_PARKED' },
    });
    expect(await call('POST', `/land/sagas/${atSea}/redrive`)).toMatchObject({ status: 404 });
    expect(await call('POST', `/sea/sagas/${atSea}/redrive`)).toMatchObject({ status: 202 });
    expect(await call('GET', `/land/sagas/${onLand}`)).toMatchObject({ body: { state: 'running' } });
  });

  it('have separate set-aside entries, and name the route with the reasons in health', async () => {
    const entry = { stream: 'saga-1', position: '1', reason: 'no idea' };
    await trips.part('land', SetAsides).add('saga-timers', [entry]);
    const [aside] = (await call('GET', '/land/set-aside')).body.items;
    expect(aside).toMatchObject(entry);
    expect(await call('GET', '/sea/set-aside')).toMatchObject({ body: { items: [] } });
    await eventually(async () => {
      const { details } = (await (await fetch(`${trips.running.url}/health/ready`)).json()) as any;
      expect(details['set-aside:land']).toMatchObject({
        status: 'degraded',
        reason: expect.stringContaining('GET /api/land/set-aside says why'),
      });
      expect(details['set-aside:sea']).toEqual({ status: 'up' });
    });
    expect(await call('POST', `/sea/set-aside/${aside.id}/retry`)).toMatchObject({
      status: 404,
      body: { code: 'SET_ASIDE.NOT_FOUND' },
    });
    expect(await call('POST', '/sea/set-aside/retry')).toMatchObject({ body: { tried: 0, left: 0 } });
    expect(await call('POST', `/land/set-aside/${aside.id}/retry`)).toMatchObject({ body: { tried: 1, left: 0 } });
  });

  it('rebuild their own read models', async () => {
    for (let trip = 10; trip < 40; trip += 1) await trips.begin('land', `trip-${trip}`);
    const rebuilt = await Promise.all(['land', 'sea'].map((service) => rebuild(service)));
    // Timeouts of unanswered sagas may add events while it runs.
    for (const { before, events, after } of rebuilt) {
      expect(events).toBeGreaterThanOrEqual(before);
      expect(events).toBeLessThanOrEqual(after);
    }
    const [land, sea] = rebuilt;
    expect(land!.before).toBeGreaterThan(sea!.after);
    expect(await call('GET', '/sea/read-models/rebuild')).toEqual({ status: 200, body: { running: false } });
  });

  async function rebuild(service: string): Promise<Readonly<Record<'before' | 'events' | 'after', number>>> {
    const count = async (): Promise<number> => {
      const text = "select count(*)::int as n from events where stream like 'saga-%'";
      const [row] = await trips.part(service, Database).query<{ n: number }>(text);
      return row!.n;
    };
    const before = await count();
    const { status, body } = await call('POST', `/${service}/read-models/rebuild`);
    expect(status).toBe(200);
    return { before, events: body.events as number, after: await count() };
  }

  it('are distinct in the API’s document, with a separate id for each operation', async () => {
    const { paths } = (await (await fetch(`${trips.running.url}/docs-json`)).json()) as any;
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(
        ['land', 'sea'].flatMap((service) => [`/api/${service}/sagas`, `/api/${service}/set-aside`]),
      ),
    );
    const ids = Object.values<any>(paths).flatMap((path) => Object.values<any>(path).map((one) => one.operationId));
    expect(ids.length).toBeGreaterThan(16);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect(paths['/api/land/sagas'].get.operationId).toBe('SagasController_list');
  });
});

/** An engine that has all adapters, but on a store that no service of this test has. */
const elsewhere: EventEngine = {
  uses: [OtherDatabase],
  adapters: [EventStore, SetAsides, Rebuilds, Projectors].map((provide) => ({ provide, useValue: {} })),
};

describe('a service that runs sagas does not start', () => {
  it.each([
    ['messaging', { modules: ['events', 'sagas'] as const }, /^land has EventSourcingModule, and no MessagingModule/],
    ['events', { modules: ['messaging', 'sagas'] as const }, /^land has SagaModule, and no EventSourcingModule/],
    ['a store on the same engine', { events: elsewhere }, /^EventSourcingModule of land builds on OtherDatabase/],
  ])('without %s, and says what to add', async (_, options, said) => {
    await expect(startProcess(systemOf(sagaService('land', options)), settingsOn(postgres))).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringMatching(said),
    });
  });

  it('if another service has the same name', async () => {
    const { module } = sagaService('land');
    await expect(
      startProcess(systemOf({ name: 'sea', module, needs: [] }, sagaService('land')), settingsOn(postgres)),
    ).rejects.toThrow(/^land has MessagingModule 2 times/);
  });
});

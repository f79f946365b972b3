import type { Abstract } from '@nestjs/common';
import {
  type DomainEvent,
  type EventEngine,
  EventStore,
  eventWork,
  Projectors,
  Rebuilds,
  SetAsides,
} from '@seam/event-sourcing';
import { type RunningProcess, type ServiceDefinition, startProcess } from '@seam/host';
import { derivedId, type Message, newId } from '@seam/kernel';
import { Committer, InProcessBroker } from '@seam/messaging';
import { done, type Outcome, refused, replyTo } from '@seam/messaging/contract';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { Database } from '@seam/persistence/postgres';
import { startTestServer } from '@seam/persistence/testing';
import { readSettings, ServiceParts } from '@seam/process';
import { LocalVerificationKeys } from '@seam/security';
import { type TestIdentity, testIdentity } from '@seam/security/testing';
import { eventually } from '@seam/testing';
import { startSaga } from '../engine/handle-input.js';
import { Saga } from '../engine/state.js';
import { sagaService } from '../testing/saga-service.js';
import { Trip, tripSaga } from '../testing/trip.js';

/** Stands for the database class of another engine. */
abstract class OtherDatabase {
  abstract readonly name: string;
}

const systemOf = (...services: ServiceDefinition[]): Parameters<typeof startProcess>[0] => ({
  services,
  subscriptions: Object.fromEntries(services.map(({ name }) => [name, []])),
  settings: [],
  texts: { name: 'Trips', purpose: 'Trips', topics: 'trips' },
});

/**
 * Delivers messages to the services of this test, and keeps messages to other services: the test answers those, or
 * nobody does.
 */
class PlayedServices extends InProcessBroker {
  readonly commands: Message[] = [];

  override async publish(message: Message): Promise<void> {
    if (message.target === 'land' || message.target === 'sea') return super.publish(message);
    this.commands.push(message);
  }
}

let postgres: EmbeddedPostgres;
beforeAll(async () => {
  postgres = await startTestServer();
});
afterAll(() => postgres.stop());

const settings = (): ReturnType<typeof readSettings> =>
  readSettings({ PORT: '0', SEAM_LOG: 'error', DATABASE_URL: postgres.url('postgres') });

describe('two services of one process that run sagas', () => {
  let running: RunningProcess;
  let world: PlayedServices;
  let identity: TestIdentity;

  beforeAll(async () => {
    world = new PlayedServices();
    identity = await testIdentity();
    // One of the services lists its modules in the opposite order.
    const system = systemOf(sagaService('land'), sagaService('sea', { modules: ['sagas', 'events', 'messaging'] }));
    running = await startProcess(system, settings(), { transport: world });
    running.app.get(LocalVerificationKeys, { strict: false }).use(() => Promise.resolve(identity.jwks));
  });
  afterAll(() => running.close());

  async function call(method: string, path: string, role: 'staff' | 'customer' = 'staff'): Promise<any> {
    const token = await identity.tokenFor({ userId: newId(), email: 'a@b.c', role });
    const response = await fetch(`${running.url}/api${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
    });
    return { status: response.status, body: await response.json() };
  }

  const partOf = <T>(service: string, part: Abstract<T>): T =>
    running.app.get(ServiceParts, { strict: false }).of(service, part);

  /** Starts a saga of a trip in a service; resolves with its id. */
  async function begin(service: string, tripId: string): Promise<string> {
    const id = derivedId('trip', service, tripId);
    const streams = { saga: { aggregate: Saga, id }, trip: { aggregate: Trip, id: tripId } };
    const work = eventWork(streams, ({ trip }) => {
      const at = new Date().toISOString();
      const begun = startSaga(tripSaga, { id, correlationId: tripId, data: { tripId } }, trip, at, service);
      const events = { saga: begun.saga, trip: begun.aggregate as readonly DomainEvent<'trip-sealed', object>[] };
      return { events, messages: begun.messages, value: undefined };
    });
    await partOf(service, Committer).commit(work);
    return id;
  }

  const commandTo = (target: string, name: string, saga: string): Promise<Message> =>
    eventually(() => {
      const command = world.commands.find(
        ({ type, ...one }) => type === `${target}.${name}.v1` && JSON.stringify(one).includes(saga),
      );
      expect(command).toBeDefined();
      return command!;
    });

  async function answer(command: Message, outcome: Outcome): Promise<void> {
    for (const reply of replyTo(command, outcome))
      await world.publish({ id: newId(), source: command.target!, at: new Date().toISOString(), ...reply });
  }

  const listed = async (service: string, query = ''): Promise<any[]> =>
    (await call('GET', `/${service}/sagas?limit=100${query}`)).body.items;

  it('each show only their own sagas, with the service’s name for their subject', async () => {
    const [onLand, atSea] = [await begin('land', 'trip-1'), await begin('sea', 'trip-1')];
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
    const [onLand, atSea] = [await begin('land', 'trip-3'), await begin('sea', 'trip-3')];
    for (const id of [onLand, atSea]) {
      await answer(await commandTo('flights', 'book', id), done({}));
      await answer(await commandTo('hotels', 'book', id), done({}));
    }
    // Its last step is refused, so the steps before it are compensated; a compensation is refused too, so the saga is
    // parked.
    await answer(await commandTo('post', 'write', atSea), refused('NO_STAMP', 'no stamp'));
    await answer(await commandTo('hotels', 'unbook', atSea), refused('CLOSED', 'nobody there'));
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
    await partOf('land', SetAsides).add('saga-timers', [entry]);
    const [aside] = (await call('GET', '/land/set-aside')).body.items;
    expect(aside).toMatchObject(entry);
    expect(await call('GET', '/sea/set-aside')).toMatchObject({ body: { items: [] } });
    await eventually(async () => {
      const { details } = (await (await fetch(`${running.url}/health/ready`)).json()) as any;
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
    for (let trip = 10; trip < 40; trip += 1) await begin('land', `trip-${trip}`);
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
      const [row] = await partOf(service, Database).query<{ n: number }>(text);
      return row!.n;
    };
    const before = await count();
    const { status, body } = await call('POST', `/${service}/read-models/rebuild`);
    expect(status).toBe(200);
    return { before, events: body.events as number, after: await count() };
  }

  it('are distinct in the API’s document, with a separate id for each operation', async () => {
    const { paths } = (await (await fetch(`${running.url}/docs-json`)).json()) as any;
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
    await expect(startProcess(systemOf(sagaService('land', options)), settings())).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringMatching(said),
    });
  });

  it('if another service has the same name', async () => {
    const { module } = sagaService('land');
    await expect(
      startProcess(systemOf({ name: 'sea', module, needs: [] }, sagaService('land')), settings()),
    ).rejects.toThrow(/^land has MessagingModule 2 times/);
  });
});

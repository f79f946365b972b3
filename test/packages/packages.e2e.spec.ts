import { globSync, readFileSync } from 'node:fs';
import { eventually } from '@seam/testing';
import { ShopProcess } from '../support/shop-process.js';
import { InstalledProject } from './installed-packages.js';

/** The drivers of each engine: `examples/booking` installs those of PostgreSQL, and needs no others. */
const DRIVERS: Readonly<Record<string, readonly string[]>> = {
  postgres: ['pg', 'typeorm'],
  mongodb: ['mongoose'],
  redis: ['ioredis'],
  clickhouse: ['@clickhouse/client'],
  rabbitmq: ['amqplib', 'amqp-connection-manager'],
  consul: ['consul'],
};
const entries = globSync('libs/*/package.json')
  .map((file) => JSON.parse(readFileSync(file, 'utf8')) as { name: string; private?: boolean; exports: object })
  .filter(({ private: own }) => own !== true)
  .flatMap(({ name, exports }) => Object.keys(exports).map((entry) => `${name}${entry.slice(1)}`))
  .filter((entry) => !entry.startsWith('@seam/testing') && !entry.endsWith('/testing'));

let project: InstalledProject;

beforeAll(async () => {
  project = await InstalledProject.create();
}, 300_000);
afterAll(() => project.dispose());

describe('examples/booking, with only the tarballs', () => {
  let booking: ShopProcess & { readonly url: string };

  const start = async (data?: string): Promise<void> => {
    booking = await ShopProcess.start({ main: project.main, ...(data === undefined ? {} : { data }) });
  };

  async function call(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<any> {
    const response = await fetch(`${booking.url}/api${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: response.status === 204 ? undefined : await response.json() };
  }

  const nights = (from: string, to: string): { from: string; to: string } => ({ from, to });
  const book = async (guest: string, room: string, when: object, headers?: Record<string, string>): Promise<string> => {
    const { status, body } = await call('POST', '/bookings', { guest, room, nights: when }, headers);
    expect({ status, body }).toEqual({ status: 202, body: { id: expect.any(String) } });
    // It may arrive before the saga waits for it.
    await pay(body.id, 1_000_000);
    return body.id;
  };
  const pay = async (bookingId: string, amount: number): Promise<void> =>
    expect((await call('POST', '/payments', { bookingId, amount })).status).toBe(204);
  const outcome = (id: string): Promise<any> =>
    eventually(async () => {
      const { body } = await call('GET', `/bookings/${id}`);
      expect(body.status).not.toBe('requested');
      return body;
    });
  const taken = async (room: string): Promise<unknown> => (await call('GET', `/rooms/${room}`)).body.taken;

  beforeAll(async () => {
    await project.build();
    await start();
    for (const room of ['101', '102'])
      expect((await call('PUT', `/rooms/${room}`, { beds: 2, price: 5_000 })).status).toBe(204);
  }, 120_000);
  afterAll(() => booking.stop());

  it('confirms a booking: its room is held, its deposit taken, and the rest paid', async () => {
    const when = nights('2027-05-01', '2027-05-03');
    const id = await book('Ada', '101', when);
    expect(await outcome(id)).toEqual({
      id,
      status: 'confirmed',
      guest: 'Ada',
      room: '101',
      nights: when,
      paid: 1_005_000,
      code: id.slice(-6),
    });
    expect(await taken('101')).toEqual([when]);
  });

  it('creates one booking for a repeated request', async () => {
    const key = { 'idempotency-key': 'once' };
    const when = nights('2027-06-01', '2027-06-02');
    const ids = await Promise.all([book('Bob', '101', when, key), book('Bob', '101', when, key)]);
    expect(new Set(ids).size).toBe(1);
    expect((await outcome(ids[0])).status).toBe('confirmed');
  });

  it('refuses a room to one of two concurrent guests', async () => {
    const when = nights('2027-07-01', '2027-07-05');
    const ids = await Promise.all([book('Eve', '102', when), book('Joe', '102', nights('2027-07-04', '2027-07-06'))]);
    const outcomes = await Promise.all(ids.map(outcome));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['cancelled', 'confirmed']);
    expect(outcomes.find(({ status }) => status === 'cancelled').failure.code).toBe('ROOM_TAKEN');
  });

  it('compensates: a guest whose deposit is refused holds no room', async () => {
    const when = nights('2027-08-01', '2027-09-01');
    const refused = await outcome(await book('Max', '101', when));
    expect(refused).toMatchObject({ status: 'cancelled', failure: { code: 'LIMIT_REACHED' } });
    expect(await taken('101')).not.toContainEqual(when);
    expect((await outcome(await book('Ida', '101', nights('2027-08-30', '2027-09-01')))).status).toBe('confirmed');
  });

  it('waits for the rest of the price, and cancels a booking for which too little is paid', async () => {
    const when = nights('2027-09-01', '2027-09-03');
    const { id } = (await call('POST', '/bookings', { guest: 'Kim', room: '101', nights: when })).body;
    await eventually(async () => expect(await taken('101')).toContainEqual(when));
    expect((await call('GET', `/bookings/${id}`)).body.status).toBe('requested');
    await pay(id, 4_999);
    expect(await outcome(id)).toMatchObject({ status: 'cancelled', failure: { code: 'UNDERPAID' } });
    expect(await taken('101')).not.toContainEqual(when);
  });

  it('confirms a booking without a code if the room has none', async () => {
    expect((await call('PUT', '/rooms/7', { beds: 1, price: 100 })).status).toBe(204);
    const booked = await outcome(await book('Lea', '7', nights('2027-05-01', '2027-05-02')));
    expect(booked).toMatchObject({ status: 'confirmed', paid: 1_000_050 });
    expect(booked).not.toHaveProperty('code');
  });

  it('answers invalid input with a problem that names the field', async () => {
    const { status, body } = await call('POST', '/bookings', {
      guest: 'Ada',
      room: 'attic',
      nights: nights('2027-05-03', '2027-05-01'),
    });
    expect({ status, fields: body.errors.map(({ path }: { path: string }) => path).sort() }).toEqual({
      status: 400,
      fields: ['nights', 'room'],
    });
    expect((await call('GET', '/bookings/018f4e2a-1111-7222-8333-444455556666')).body.code).toBe('BOOKING.UNKNOWN');
  });

  it('finishes the bookings that were in progress when the process was killed', async () => {
    const when = nights('2028-01-01', '2028-01-03');
    const ids = await Promise.all(Array.from({ length: 20 }, (_, guest) => book(`guest ${guest}`, '102', when)));
    await booking.stop('SIGKILL');
    await start(booking.data);
    const outcomes = await Promise.all(ids.map(outcome));
    expect(outcomes.filter(({ status }) => status === 'confirmed').length).toBe(1);
    expect(await taken('102')).toHaveLength(2); // Including the one of the test before.
  });

  it('gains a service by its folder and the one line that lists it', async () => {
    await booking.stop();
    await project.add('test/packages/cleaning', 'src/cleaning');
    await project.edit(
      'src/services.ts',
      (text) => `${text}export { cleaning } from './cleaning/cleaning.definition.js';\n`,
    );
    await project.build();
    await start(booking.data);
    const id = await book('Ada', '101', nights('2027-10-01', '2027-10-02'));
    expect((await outcome(id)).status).toBe('confirmed');
    await eventually(async () => expect((await call('GET', `/cleanings/${id}`)).body).toEqual({ status: 'assigned' }));
  });

  it('loses a service the same way', async () => {
    await booking.stop();
    await project.remove('src/cleaning');
    await project.edit('src/services.ts', (text) => text.replace(/^.*cleaning.*\n/m, ''));
    await project.build();
    await start(booking.data);
    const id = await book('Ada', '101', nights('2027-11-01', '2027-11-02'));
    expect((await outcome(id)).status).toBe('confirmed');
    expect((await call('GET', `/cleanings/${id}`)).status).toBe(404);
  });
});

const engineOf = (entry: string): string => entry.split('/')[2] ?? 'core';

describe('an entry of the packages', () => {
  beforeAll(() => project.install(...Object.values(DRIVERS).flat()), 120_000);

  it.each(entries)('%s loads no driver but its own', async (entry) => {
    const loaded = await project.packagesLoadedBy(entry);
    const foreign = Object.entries(DRIVERS).flatMap(([engine, drivers]) => (engine === engineOf(entry) ? [] : drivers));
    expect(loaded).toContain(entry.split('/').slice(0, 2).join('/'));
    expect(loaded.filter((name) => foreign.includes(name))).toEqual([]);
  });
});

import { type RunningProcess, startProcess } from '@seam/host';
import { newId } from '@seam/kernel';
import { Committer, InProcessBroker } from '@seam/messaging';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { startTestServer } from '@seam/persistence/testing';
import { readSettings, ServiceParts } from '@seam/process';
import { SagaFinder } from '@seam/saga';
import { eventually } from '@seam/testing';
import { canStart, type OwnEngine, ownEngine } from '@seam/testing/engines';
import { Aggregates, defineSystem, refuse, Sagas, type ServiceEngine } from './index.js';
import { mongodb } from './mongodb/index.js';
import { postgres } from './postgres/index.js';
import { Cloakroom, Door, Hall, seatServices, sellTicket, type Ticket, Tickets } from './testing/seats.js';

const engines: [string, () => ServiceEngine][] = [
  ['PostgreSQL', () => postgres()],
  ...(canStart('mongodb') ? ([['MongoDB', () => mongodb()]] as [string, () => ServiceEngine][]) : []),
];

describe.each(engines)('services in one module each, on %s', (name, engine) => {
  let server: EmbeddedPostgres;
  let mongo: OwnEngine | undefined;
  let running: RunningProcess;

  beforeAll(async () => {
    server = await startTestServer();
    mongo = name === 'MongoDB' ? await ownEngine('mongodb') : undefined;
    const system = defineSystem(seatServices(engine()), { name: 'Seats', purpose: 'Seats', topics: 'seats' });
    const settings = readSettings({
      PORT: '0',
      SEAM_LOG: 'error',
      DATABASE_URL: server.url('postgres'),
      ...(mongo === undefined ? {} : { MONGODB_URL: mongo.url }),
    });
    running = await startProcess(system, settings, { transport: new InProcessBroker() });
  });
  afterAll(async () => {
    await running.close();
    await server.stop();
    await mongo?.remove();
  });

  const part = <T>(service: string, type: abstract new (...args: any[]) => T): T =>
    running.app.get(ServiceParts, { strict: false }).of(service, type);
  const aggregates = (service: string): Aggregates => part(service, Aggregates);
  const sell = (ticketId: string): Promise<string> =>
    part('desk', Sagas)
      .of(sellTicket)
      .start({ ticketId }, (_, at) => [{ type: 'ordered', at, data: {} }]);
  const outcomeOf = (ticketId: string): Promise<Ticket> =>
    eventually(async () => {
      const ticket = await aggregates('desk').of(Tickets, ticketId).read();
      expect(['sold', 'cancelled']).toContain(ticket.status);
      return ticket;
    });

  it('start sagas with their aggregates, answer commands, and compensate what is refused', async () => {
    const [first, second, third] = [newId(), newId(), newId()];
    await sell(first);
    expect(await outcomeOf(first)).toEqual({ status: 'sold', seat: 1, hook: 1 });
    await sell(second);
    expect(await outcomeOf(second)).toEqual({ status: 'sold', seat: 2, hook: 2 });
    await sell(third);
    expect(await outcomeOf(third)).toEqual({ status: 'cancelled' });
    expect(await aggregates('hall').of(Hall, 'main').read()).toEqual([first, second]);
    // Its coat was hung at the same time as its seat was refused.
    expect(await aggregates('hall').of(Cloakroom, 'main').read()).toEqual([first, second, '']);
    await eventually(async () => expect(await aggregates('hall').of(Door, first).read()).toBe(1));
  });

  it('start one saga for an aggregate, even if it is started several times at once', async () => {
    const ticketId = newId();
    await Promise.all(Array.from({ length: 5 }, () => sell(ticketId)));
    await outcomeOf(ticketId);
    await eventually(async () => {
      const sagas = await part('desk', SagaFinder).list({ correlationId: ticketId, limit: 10 });
      expect(sagas.map(({ status }) => status)).toEqual(['compensated']);
    });
  });

  it('commit a change, and write nothing if a decision or the input of a saga is refused', async () => {
    const id = newId();
    await aggregates('hall')
      .of(Door, id)
      .change((_, at) => [{ type: 'announced', at, data: {} }]);
    expect(await aggregates('hall').of(Door, id).read()).toBe(1);
    const refusal = { kind: 'conflict', code: 'LATE', message: 'the doors are closed' };
    await expect(
      aggregates('hall')
        .of(Door, id)
        .change(() => refuse('LATE', 'the doors are closed')),
    ).rejects.toMatchObject(refusal);
    await expect(
      part('desk', Sagas)
        .of(sellTicket)
        .start({ ticketId: id }, () => refuse('LATE', 'the doors are closed')),
    ).rejects.toMatchObject(refusal);
    await expect(sell('no uuid')).rejects.toThrow(/uuid/i);
    expect(await aggregates('hall').of(Door, id).read()).toBe(1);
    expect(await aggregates('desk').of(Tickets, id).read()).toEqual({ status: 'none' });
    expect(await part('desk', SagaFinder).list({ correlationId: id, limit: 10 })).toEqual([]);
  });

  it('have the routes for operators', async () => {
    for (const path of ['sagas', 'set-aside/desk', 'set-aside/hall', 'read-models/desk/rebuild'])
      expect([path, (await fetch(`${running.url}/api/${path}`)).status]).toEqual([path, 401]);
    expect(part('desk', Committer)).not.toBe(part('hall', Committer));
  });
});

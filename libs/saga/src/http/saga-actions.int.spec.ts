import type { Abstract } from '@nestjs/common';
import { EventStore } from '@seam/event-sourcing';
import { done, refused } from '@seam/messaging/contract';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { startTestServer } from '@seam/persistence/testing';
import { eventually } from '@seam/testing';
import { type Answered, TripsProcess } from '../testing/trips-process.js';
import { sagaService } from '../testing/saga-service.js';

let postgres: EmbeddedPostgres;
let trips: TripsProcess;
beforeAll(async () => {
  postgres = await startTestServer();
  trips = await TripsProcess.start(postgres, sagaService('land'));
});
afterAll(async () => {
  await trips.close();
  await postgres.stop();
});

const act = (id: string, action: string, body: object = { reason: 'why' }): Promise<Answered> =>
  trips.call('POST', `/land/sagas/${id}/${action}`, body);
const saga = async (id: string): Promise<any> => (await trips.call('GET', `/land/sagas/${id}`)).body;
const events = <T>(id: string, store: Abstract<T>): T => trips.part('land', store);

/** A saga that is parked, because the compensation of its hotel was refused. */
async function parked(tripId: string): Promise<string> {
  const id = await trips.begin('land', tripId);
  await trips.answer(await trips.command('flights.book.v1', id), done({}));
  await trips.answer(await trips.command('hotels.book.v1', id), done({}));
  await trips.answer(await trips.command('post.write.v1', id), refused('NO_STAMP', 'no stamp'));
  await trips.answer(await trips.command('hotels.unbook.v1', id), refused('CLOSED', 'closed today'));
  await eventually(async () => expect(await saga(id)).toMatchObject({ state: 'parked' }));
  return id;
}

it('an action needs a reason, and is stored with who asked for it and when', async () => {
  const id = await parked('trip-1');
  for (const body of [{}, { reason: '  ' }])
    expect(await act(id, 'retry', body)).toMatchObject({ status: 422, body: { code: 'SAGA.REASON_REQUIRED' } });
  expect(await act(id, 'fix')).toMatchObject({ status: 400 });
  expect(await act(id, 'retry', { reason: 'open again' })).toMatchObject({
    status: 202,
    body: { id, state: 'compensating' },
  });
  const stored = await events(id, EventStore).read(`saga-${id}`);
  expect(stored.at(-1)).toMatchObject({
    type: 'saga-redriven',
    at: expect.stringMatching(/^20/),
    data: { operator: { action: 'retry', reason: 'open again', by: { id: trips.staffId, email: 'a@b.c' } } },
  });
  expect(await act('3f0a1c52-9d4e-8b77-a1c2-5e6f7a8b9c0d', 'retry')).toMatchObject({ status: 404 });
});

it('is carried out once if two operators ask for it at the same time', async () => {
  const id = await parked('trip-2');
  const sent = (): number => trips.commandsOf(id).filter(({ type }) => type === 'hotels.unbook.v1').length;
  const before = sent();
  const answers = await Promise.all([
    act(id, 'retry'),
    act(id, 'retry'),
    act(id, 'skip', { reason: 'x', step: 'hotel' }),
  ]);
  expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409]);
  await eventually(async () => expect((await saga(id)).state).toBe('compensating'));
  expect(sent() - before).toBeLessThanOrEqual(1);
});

it('a paused saga records the reply that arrives, and sends nothing until it is resumed', async () => {
  const id = await trips.begin('land', 'trip-3');
  const command = await trips.command('flights.book.v1', id);
  expect(await act(id, 'pause')).toMatchObject({ status: 202, body: { state: 'paused' } });
  expect(await act(id, 'pause')).toMatchObject({ status: 202, body: { state: 'paused' } });
  await trips.answer(command, done({}));
  await eventually(async () => expect((await saga(id)).steps[1]).toMatchObject({ name: 'flight', state: 'done' }));
  await eventually(async () =>
    expect((await trips.call('GET', '/land/sagas?state=paused')).body.items).toMatchObject([{ id }]),
  );
  expect(trips.commandsOf(id).map(({ type }) => type)).toEqual(['flights.book.v1']);
  expect(await act(id, 'run-now')).toMatchObject({ status: 409, body: { code: 'SAGA.STANDS_STILL' } });
  expect(await act(id, 'resume')).toMatchObject({ status: 202, body: { state: 'running' } });
  await trips.command('hotels.book.v1', id);
});

it('steps can be skipped, restarted, run now and compensated', async () => {
  const id = await trips.begin('land', 'trip-4');
  const count = (type: string): number => trips.commandsOf(id).filter((one) => one.type === type).length;
  await trips.command('flights.book.v1', id);
  expect(await act(id, 'run-now')).toMatchObject({ status: 202 });
  await eventually(() => expect(count('flights.book.v1')).toBeGreaterThan(1));
  expect(await act(id, 'skip', { reason: 'by phone', step: 'flight' })).toMatchObject({
    status: 409,
    body: { code: 'SAGA.NOT_STOPPED' },
  });
  await act(id, 'pause');
  expect(await act(id, 'skip', { reason: 'x', step: 'hotel' })).toMatchObject({
    status: 409,
    body: { code: 'SAGA.NOT_AT_STEP' },
  });
  expect(await act(id, 'skip', { reason: 'by phone', step: 'flight', result: { seat: '1A' } })).toMatchObject({
    status: 202,
    body: { state: 'paused' },
  });
  expect(await act(id, 'restart-from/letter')).toMatchObject({ status: 422, body: { code: 'SAGA.UNKNOWN_STEP' } });
  expect(await act(id, 'restart-from/flight')).toMatchObject({ status: 202 });
  expect(await act(id, 'compensate', { reason: 'enough', code: 'ENOUGH' })).toMatchObject({ status: 202 });
  expect(await act(id, 'resume')).toMatchObject({ status: 202, body: { state: 'compensating' } });
  await trips.answer(await trips.command('flights.unbook.v1', id), done({}));
  await eventually(async () => expect((await saga(id)).state).toBe('compensated'));
  expect(await act(id, 'pause')).toMatchObject({ status: 409, body: { code: 'SAGA.ENDED' } });
});

it('one saga is shown with its timeline, without what its commands say, and with what is to come', async () => {
  const id = await trips.begin('land', 'trip-5');
  await trips.answer(await trips.command('flights.book.v1', id), done({}));
  await act(id, 'pause', { reason: 'look at it' });
  const { timeline, ahead } = await saga(id);
  expect(timeline).toMatchObject([
    { kind: 'attempt', step: 'open', phase: 'do', attempt: 1, outcome: 'done', request: null, sent: true },
    {
      ...{ kind: 'attempt', step: 'flight', outcome: 'done', deadline: expect.stringMatching(/Z$/), sent: true },
      request: { command: 'flights.book.v1', service: 'flights', data: { tripId: '…' } },
    },
    { kind: 'attempt', step: 'hotel', outcome: null, endedAt: null, sent: true },
    { kind: 'operator', action: 'pause', reason: 'look at it', by: { id: trips.staffId, email: 'a@b.c' } },
  ]);
  expect(ahead).toEqual([
    { step: 'seal', phase: 'do' },
    { step: 'letter', phase: 'do' },
  ]);
});

describe('in bulk', () => {
  const bulk = (body: object): Promise<Answered> =>
    trips.call('POST', '/land/sagas/bulk', { action: 'pause', reason: 'too many', ...body });
  const filter = { state: 'running', step: 'flight', definition: 'trip' };
  const ids: string[] = [];

  beforeAll(async () => {
    for (const n of [1, 2, 3, 4, 5]) ids.push(await trips.begin('land', `bulk-${n}`));
    const query = new URLSearchParams(filter).toString();
    await eventually(async () =>
      expect((await trips.call('GET', `/land/sagas?${query}`)).body.items.map(({ id }: any) => id)).toEqual(
        [...ids].reverse(),
      ),
    );
  });

  it('an empty filter, and an action without a reason, are refused', async () => {
    for (const empty of [{}, { service: 'land' }])
      expect(await bulk({ filter: empty, preview: false })).toMatchObject({
        status: 422,
        body: { code: 'SAGA.FILTER_EMPTY' },
      });
    expect(await bulk({ filter, reason: ' ' })).toMatchObject({ status: 422, body: { code: 'SAGA.REASON_REQUIRED' } });
    expect(await bulk({ filter: { ...filter, nothing: 1 } })).toMatchObject({ status: 400 });
  });

  it('sagas are counted first, which changes none, and are then acted on, so many for each request', async () => {
    expect(await bulk({ filter })).toMatchObject({ status: 200, body: { matching: 5, complete: true, acted: 0 } });
    expect((await saga(ids[0]!)).state).toBe('running');
    // One of them moves on after the list was read, or before it is up to date.
    expect((await act(ids[4]!, 'compensate')).status).toBe(202);
    let cursor: string | undefined;
    const answers: any[] = [];
    do {
      const { status, body } = await bulk({ filter, preview: false, limit: 2, ...(cursor && { cursor }) });
      expect(status).toBe(200);
      answers.push(body);
      cursor = body.nextCursor ?? undefined;
      // Stopped here, nothing goes on.
      if (answers.length === 1) expect((await saga(ids[0]!)).state).toBe('running');
    } while (cursor !== undefined);
    for (const id of ids.slice(0, 4)) {
      const { state, timeline } = await saga(id);
      expect(state).toBe('paused');
      const actions = timeline.filter(({ kind }: any) => kind === 'operator');
      expect(actions).toMatchObject([{ action: 'pause', reason: 'too many', by: { id: trips.staffId } }]);
    }
    expect(answers.length).toBeGreaterThan(1);
    expect(answers.reduce((sum, { acted }) => sum + (acted as number), 0)).toBe(4);
    expect((await saga(ids[4]!)).state).toBe('compensating');
    await eventually(async () => expect((await bulk({ filter })).body).toMatchObject({ matching: 0 }));
  });

  it('what does not fit the action any more is refused with its reason, and changes nothing', async () => {
    const paused = { state: 'paused', step: 'flight' };
    await eventually(async () => expect((await bulk({ filter: paused })).body).toMatchObject({ matching: 4 }));
    const { body } = await bulk({ filter: paused, action: 'retry', preview: false });
    expect(body).toMatchObject({ acted: 0, nextCursor: null });
    expect(body.refused.map(({ id, code }: any) => [id, code])).toEqual(
      [...ids.slice(0, 4)].reverse().map((id) => [id, 'SAGA.NOT_PARKED']),
    );
  });
});

import { defineCommand } from '@seam/messaging/contract';
import { done, operated, refused, runSaga, sagaSpecification, timedOut } from '@seam/testing';
import { z } from 'zod';
import { send } from './definition.js';
import { refusalOf } from './engine/operator.js';
import { SagaRunner } from './runner.js';
import { saga } from './saga-builder.js';
import { Trip } from './testing/trip.js';

const Hold = defineCommand({
  service: 'rooms',
  name: 'hold',
  data: z.object({ room: z.string() }),
  reply: z.object({ number: z.int() }),
});
const Release = defineCommand({
  service: 'rooms',
  name: 'release',
  data: z.object({ number: z.int().optional() }),
  reply: z.object({}),
});
const Charge = defineCommand({
  service: 'money',
  name: 'charge',
  data: z.object({ number: z.int() }),
  reply: z.object({ receipt: z.string() }),
});

const empty = saga('stay', {
  version: 1,
  input: z.object({ id: z.string(), room: z.string() }),
  aggregate: Trip,
  aggregateId: ({ id }) => id,
});

const stay = empty
  .call(
    'hold',
    send(Hold, ({ input: { room } }) => ({ room })),
    { compensate: send(Release, ({ result }) => ({ number: result?.number })) },
  )
  .call(
    'charge',
    send(Charge, ({ results }) => ({ number: results.hold.number })),
  )
  .decide('seal', ({ at, results }) => [{ type: 'trip-sealed', at, data: { receipt: results.charge.receipt } }]);

const data = { id: 's1', room: 'sea' };
const specification = sagaSpecification(stay, { data });

type Expected = Parameters<ReturnType<ReturnType<typeof specification.given>['when']>['then']>[0];

describe('a definition that cannot be run', () => {
  const nothing = (): [] => [];

  it('is refused, and its saga and step are named', () => {
    expect(() => new SagaRunner('any', [empty], { now: () => new Date() })).toThrow('saga stay has no steps');
    expect(() => empty.decide('a', nothing).decide('a', nothing)).toThrow('saga stay has two steps named a');
    expect(() => empty.decide('a', nothing).started('b')).toThrow(
      'only the first step can be done by starting it, not b',
    );
  });

  it('does not compile if data, results or step names are not those of the contracts', () => {
    // @ts-expect-error -- the contract has a text
    send(Hold, () => ({ room: 7 }));
    // @ts-expect-error -- the contract has a room
    send(Hold, () => ({}));
    // @ts-expect-error -- the reply to `hold` has no such field
    stay.decide('late', ({ results }) => [{ type: 'trip-closed', at: '', data: { x: results.hold.receipt } }]);
    // @ts-expect-error -- there is no such step
    specification.given(done('no-such-step'));
    // @ts-expect-error -- there is no such step
    const waiting = { waitsFor: 'do no-such-step' } satisfies Expected;
    expect(waiting).toBeDefined();
  });
});

describe('the result of a step', () => {
  it('is what later steps and decisions get', () => {
    const { messages, events } = runSaga(stay, { data }, [
      done('hold', { number: 12 }),
      done('charge', { receipt: 'r1' }),
    ]);
    expect(messages.map((message) => message.data)).toEqual([{ room: 'sea' }, { number: 12 }]);
    expect(events).toMatchObject([{ type: 'trip-sealed', data: { receipt: 'r1' } }]);
  });

  it('is what its compensation gets, or nothing where its reply never came', () => {
    const known = runSaga(stay, { data }, [done('hold', { number: 12 }), refused('charge', 'BROKE')]);
    expect(known.messages.at(-1)).toMatchObject({ type: 'rooms.release.v1', data: { number: 12 } });
    const unknown = runSaga(stay, { data }, [timedOut, refused('hold', 'FULL')]);
    expect(unknown.messages.at(-1)).toMatchObject({ type: 'rooms.release.v1', data: { number: undefined } });
  });

  it('is stored as its contract parses it, and not at all if it is empty', () => {
    const { state, saga: events } = runSaga(stay, { data }, [done('hold', { number: 12, added: 'later' })]);
    expect(state.steps[0]?.result).toEqual({ number: 12 });
    expect(events.at(-1)?.data).toMatchObject({ result: { number: 12 } });
    expect(events.at(-1)?.data).not.toHaveProperty('attempt');
  });

  it('that does not match its contract stops the reply, not the saga', () => {
    expect(() => runSaga(stay, { data }, [done('hold', { number: 'twelve' })])).toThrow(
      /the reply to hold of saga saga-1 does not match its command's contract/,
    );
  });

  it('that an operator gives has to be one of its command', () => {
    const { state } = runSaga(stay, { data }, [operated({ action: 'pause' })]);
    const skip = (result?: unknown) =>
      refusalOf(stay, state, {
        action: 'skip',
        step: 'hold',
        result,
        reason: 'known',
        by: { id: 'u1', email: 'a@b.c' },
      });
    expect(skip({ number: 12 })).toBeUndefined();
    expect(skip()).toMatchObject({ kind: 'unprocessable', code: 'SAGA.INVALID_RESULT' });
    const skipped = operated({ action: 'skip', step: 'hold', result: { number: 12, added: 'by hand' } });
    const skipping = runSaga(stay, { data }, [operated({ action: 'pause' }), skipped]);
    expect(skipping.state.steps[0]?.result).toEqual({ number: 12 });
  });

  it('names the attempt that was answered, if it was not the latest', () => {
    const late = (attempt: number) => () =>
      ({
        type: 'reply',
        step: 'hold',
        phase: 'do',
        outcome: { outcome: 'done', data: { number: 1 } },
        attempt,
      }) as const;
    const { saga: events } = runSaga(stay, { data }, [timedOut, late(1)]);
    expect(events.at(-1)?.data).toMatchObject({ attempt: 1 });
    expect(runSaga(stay, { data }, [timedOut, late(2)]).saga.at(-1)?.data).not.toHaveProperty('attempt');
  });
});

describe('what a saga is started with', () => {
  it('is parsed before anything is decided', () => {
    expect(() => runSaga(stay, { data: { id: 's1' } as never }, [])).toThrow(z.ZodError);
  });
});

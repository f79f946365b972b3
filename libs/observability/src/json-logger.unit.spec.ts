import { continueTrace, runInTrace } from '@seam/kernel';
import { jsonLogger } from './logger.js';

const lines: any[] = [];
const raw: string[] = [];
const destination = {
  write: (line: string) => {
    raw.push(line);
    lines.push(JSON.parse(line));
  },
};

const logger = await jsonLogger({ level: 'info', service: 'orders', destination });

beforeEach(() => {
  lines.length = 0;
  raw.length = 0;
});

it('has the time, the context, the trace and the message', () => {
  const trace = continueTrace(undefined, 'order-1');
  runInTrace(trace, () => logger.warn('tried again', 'Consumer orders'));
  logger.log('ready', 'host');
  logger.debug?.('not at this level', 'host');
  expect(lines).toMatchObject([
    {
      level: 'warn',
      service: 'orders',
      context: 'Consumer orders',
      msg: 'tried again',
      traceId: trace.traceId,
      correlationId: 'order-1',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    },
    { level: 'info', context: 'host', msg: 'ready' },
  ]);
  expect(lines).toHaveLength(2);
  expect(lines[1]).not.toHaveProperty('traceId');
});

it('keeps errors with their stack and cause', () => {
  const error = Object.assign(new Error('it broke', { cause: new Error('because') }), { code: 'X1', row: 'ada' });
  logger.error(error, 'http');
  logger.error('POST /x failed', error.stack, 'http');
  expect(lines[0]).toMatchObject({
    level: 'error',
    err: { message: 'it broke', code: 'X1', stack: expect.stringContaining('spec'), cause: { message: 'because' } },
  });
  expect(lines[0].err).not.toHaveProperty('row');
  expect(lines[1]).toMatchObject({ msg: 'POST /x failed', err: { stack: expect.stringContaining('spec') } });
});

it('redacts secrets', () => {
  logger.log('mail to ada@example.org, Bearer abc.def.ghi', 'mailer');
  logger.log({ user: { email: 'ada@example.org', accessToken: 'abc' }, note: ['tok_visa'], n: 1 }, 'http');
  logger.log({ card: { number: 4242424242424242, big: 4242424242424242n }, at: 1795339037123, n: 2 }, 'http');
  logger.error(new Error('no such user ada@example.org'), 'users');
  logger.error('failed', 'Error: tok_visa\n    at charge (x.js:1:1)', 'payments');
  expect(raw.join()).not.toMatch(/ada@|abc\.def|"abc"|tok_visa|4242/);
  expect(lines[1]).toMatchObject({ n: 1, note: ['tok_[redacted]'] });
  expect(lines[2]).toMatchObject({ card: { number: '[card]', big: '[card]' }, at: 1795339037123, n: 2 });
});

it('writes any text as one line', () => {
  logger.log('one\r\n{"level":"info","msg":"forged"}\u2028two', 'http');
  expect(raw).toHaveLength(1);
  expect(raw[0]?.trimEnd()).not.toMatch(/[\r\n]/);
});

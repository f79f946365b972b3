import { connect } from 'node:net';

/**
 * `node engine-probe.ts <engine> <port> <seconds>`, compiled or not: exits with 0 as soon as the server at 127.0.0.1 answers in its own
 * protocol, and with 1 if it has not answered in time. A connection alone proves nothing: Docker's proxy accepts it
 * before the server listens.
 */
const [engine = '', port, seconds] = process.argv.slice(2);

/** OP_MSG `{ hello: 1, $db: "admin" }` (https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/). */
const mongoHello = Buffer.from(
  '3400000001000000' +
    '00000000dd070000' +
    '0000000000' +
    '1f0000001068656c6c6f000100000002246462000600000061646d696e0000',
  'hex',
);

/** The bytes to send; any bytes in return are an answer. PostgreSQL gets an SSLRequest. */
const GREETINGS: Readonly<Record<string, Buffer>> = {
  rabbitmq: Buffer.from('AMQP\0\0\x09\x01', 'latin1'),
  mongodb: mongoHello,
  redis: Buffer.from('PING\r\n'),
  postgres: Buffer.from('0000000804d2162f', 'hex'),
};

interface Page {
  readonly path: string;
  readonly says: string;
}

/** Paths that answer 200, with this in the body, when the server is ready. */
const PAGES: Readonly<Record<string, Page>> = {
  clickhouse: { path: '/ping', says: 'Ok' },
  consul: { path: '/v1/status/leader', says: ':' },
};

const greet = (bytes: Buffer): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: Number(port), timeout: 1000 });
    const end = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => socket.write(bytes));
    socket.once('data', () => end(true));
    for (const event of ['error', 'close', 'timeout']) socket.once(event, () => end(false));
  });

const visit = async ({ path, says }: Page): Promise<boolean> => {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(1000) });
    return response.ok && (await response.text()).includes(says);
  } catch {
    return false;
  }
};

const deadline = Date.now() + Number(seconds) * 1000;
const page = PAGES[engine];
const answers = (): Promise<boolean> => (page === undefined ? greet(GREETINGS[engine] ?? Buffer.of()) : visit(page));
while (!(await answers())) {
  if (Date.now() > deadline) process.exit(1);
  await new Promise((resolve) => setTimeout(resolve, 50));
}

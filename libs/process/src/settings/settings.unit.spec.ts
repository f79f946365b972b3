import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { readSettings } from './settings.js';

it('has a default for everything, and treats an empty value as not set', () => {
  const defaults = {
    port: 3000,
    dataDirectory: resolve('.seam'),
    services: undefined,
    transport: 'in-process',
    databaseUrl: undefined,
    logLevel: 'info',
  };
  expect(readSettings({})).toMatchObject(defaults);
  expect(readSettings({ PORT: '', SEAM_LOG: '', DATABASE_URL: '', REDIS_URL: '' })).toMatchObject(defaults);
});

it('reads what is set', () => {
  expect(
    readSettings({
      PORT: '0',
      SEAM_SERVICES: 'orders, payments',
      SEAM_DATA: '/data',
      SEAM_LOG: 'warn',
    }),
  ).toMatchObject({ port: 0, services: ['orders', 'payments'], dataDirectory: '/data', logLevel: 'warn' });
});

it.each([
  'mongodb://127.0.0.1:27017',
  'mongodb://user:p%40ss@one:27017,two:27017,three:27017/?replicaSet=rs0&authSource=admin',
  'mongodb+srv://user:pass@cluster.example.com',
])('takes a MongoDB server or several: %s', (url) => {
  expect(readSettings({ MONGODB_URL: url }).mongodbUrl).toBe(url);
});

it('names every invalid setting at once, with the allowed values', () => {
  const read = (): unknown =>
    readSettings({
      PORT: '70000',
      SEAM_LOG_FORMAT: 'yes',
      SEAM_SERVICES: ',',
      SEAM_TRANSPORT: 'kafka',
      SEAM_PEERS: 'users=localhost:3000',
      RABBITMQ_URL: 'http://x',
      CONSUL_URL: 'x',
    });
  expect(read).toThrow(/PORT is "70000": must be a whole number from 0 to 65535/);
  expect(read).toThrow(/SEAM_LOG_FORMAT is "yes": must be pretty or json/);
  expect(read).toThrow(/SEAM_SERVICES is ","/);
  expect(read).toThrow(/SEAM_TRANSPORT is "kafka": must be in-process or rabbitmq/);
  expect(read).toThrow(/SEAM_PEERS is "users=localhost:3000": must be like one-service=http:/);
  expect(read).toThrow(/RABBITMQ_URL: must be a URL such as amqp:/);
  expect(read).toThrow(/CONSUL_URL: must be a URL such as http:/);
});

it.each(['DATABASE_URL', 'MONGODB_URL', 'REDIS_URL', 'CLICKHOUSE_URL', 'RABBITMQ_URL'])(
  'does not repeat a wrong %s',
  (name) => {
    const read = (): unknown => readSettings({ [name]: 's3cret' });
    expect(read).toThrow(name);
    expect(read).not.toThrow('s3cret');
  },
);

it('uses RabbitMQ if its URL is set, and requires the URL if RabbitMQ is selected', () => {
  expect(readSettings({ RABBITMQ_URL: 'amqp://host' }).transport).toBe('rabbitmq');
  expect(() => readSettings({ SEAM_TRANSPORT: 'rabbitmq' })).toThrow('RABBITMQ_URL must be the URL of the broker');
});

it('reads where the peers are', () => {
  const { peers } = readSettings({ SEAM_PEERS: 'users=http://a:1/,orders=http://b:2|https://c:3' });
  expect(peers).toEqual({ users: ['http://a:1'], orders: ['http://b:2', 'https://c:3'] });
});

describe('of a service', () => {
  const roomSettings = {
    doorCode: {
      name: 'SEAM_DOOR_CODE',
      schema: z.string().min(8).optional(),
      may: 'must have 8 characters',
      secret: true,
    },
    beds: { name: 'SEAM_BEDS', schema: z.string().regex(/^\d$/).transform(Number).default(2), may: 'must be a digit' },
  };
  const service = { settings: roomSettings };
  const read = (environment: Record<string, string>): ReturnType<typeof readSettings> =>
    readSettings(environment, { services: [service, {}, service] });

  it('has the values and defaults of its schemas', () => {
    expect(read({}).of(roomSettings)).toEqual({ doorCode: undefined, beds: 2 });
    expect(read({ SEAM_BEDS: '3', SEAM_DOOR_CODE: '' }).of(roomSettings)).toEqual({ doorCode: undefined, beds: 3 });
  });

  it('is read with the others, and all invalid ones are named in one error, without secrets', () => {
    const wrong = (): unknown => read({ SEAM_BEDS: 'x', SEAM_DOOR_CODE: 's3cret', PORT: 'y' });
    expect(wrong).toThrow(
      'PORT is "y": must be a whole number from 0 to 65535\n  SEAM_DOOR_CODE: must have 8 characters\n  SEAM_BEDS is "x": must be a digit',
    );
    expect(wrong).not.toThrow(/s3cret|BEDS[^]*BEDS/);
  });

  it('is validated also if it was not declared at the start', () => {
    expect(() => readSettings({ SEAM_BEDS: 'x' }).of(roomSettings)).toThrow('SEAM_BEDS is "x": must be a digit');
  });

  it('is named in the error if it must be set', () => {
    const settings = { key: { name: 'SEAM_KEY', schema: z.string(), may: 'must be a key' } };
    expect(() => readSettings({}, { services: [{ settings }] })).toThrow('SEAM_KEY is not set: must be a key');
  });

  it('is a known name, like one of a service elsewhere', () => {
    const environment = { SEAM_BEDS: '1', SEAM_PRICE: '1', SEAM_BED: '1' };
    expect(readSettings(environment, { services: [service], settings: ['SEAM_PRICE'] }).unknown).toEqual([
      'SEAM_BED is not a setting; did you mean SEAM_BEDS?',
    ]);
  });
});

it('takes a value from the file that NAME_FILE names, and names a file that it cannot read', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'seam-settings-')), 'password');
  await writeFile(file, 'postgres://from-a-file\n');
  expect(readSettings({ DATABASE_URL_FILE: file }).databaseUrl).toBe('postgres://from-a-file');
  expect(() => readSettings({ DATABASE_URL_FILE: `${file}x` })).toThrow(/DATABASE_URL_FILE is ".*": .*ENOENT/);
  const both = { DATABASE_URL_FILE: file, DATABASE_URL: 'from-the-environment' };
  expect(() => readSettings(both)).toThrow('DATABASE_URL and DATABASE_URL_FILE are both set');
});

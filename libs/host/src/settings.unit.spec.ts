import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readSettings } from './settings.js';

it('has a default for everything, and takes an empty value for none', () => {
  const defaults = {
    port: 3000,
    dataDirectory: resolve('.seam'),
    services: undefined,
    demo: true,
    transport: 'in-process',
    databaseUrl: undefined,
    logLevel: 'info',
  };
  expect(readSettings({})).toMatchObject(defaults);
  expect(readSettings({ PORT: '', SEAM_DEMO: '', DATABASE_URL: '', REDIS_URL: '' })).toMatchObject(defaults);
});

it('reads what is set', () => {
  expect(
    readSettings({
      PORT: '0',
      SEAM_SERVICES: 'orders, payments',
      SEAM_DEMO: 'false',
      SEAM_DATA: '/data',
      SEAM_LOG: 'warn',
    }),
  ).toMatchObject({ port: 0, services: ['orders', 'payments'], demo: false, dataDirectory: '/data', logLevel: 'warn' });
});

it.each([
  'mongodb://127.0.0.1:27017',
  'mongodb://user:p%40ss@one:27017,two:27017,three:27017/?replicaSet=rs0&authSource=admin',
  'mongodb+srv://user:pass@cluster.example.com',
])('takes a MongoDB server or several: %s', (url) => {
  expect(readSettings({ MONGODB_URL: url }).mongodbUrl).toBe(url);
});

it('names every wrong setting at once, with what it may be', () => {
  const read = (): unknown =>
    readSettings({
      PORT: '70000',
      SEAM_DEMO: 'yes',
      SEAM_SERVICES: ',',
      SEAM_TRANSPORT: 'kafka',
      SEAM_PEERS: 'users=localhost:3000',
      RABBITMQ_URL: 'http://x',
      CONSUL_URL: 'x',
    });
  expect(read).toThrow(/PORT is "70000": must be a whole number from 0 to 65535/);
  expect(read).toThrow(/SEAM_DEMO is "yes": must be true or false/);
  expect(read).toThrow(/SEAM_SERVICES is ","/);
  expect(read).toThrow(/SEAM_TRANSPORT is "kafka": must be in-process or rabbitmq/);
  expect(read).toThrow(/SEAM_PEERS is "users=localhost:3000": must be like users=http:/);
  expect(read).toThrow(/RABBITMQ_URL: must be a URL such as amqp:/);
  expect(read).toThrow(/CONSUL_URL: must be a URL such as http:/);
});

it.each([
  'SEAM_STAFF_PASSWORD',
  'DATABASE_URL',
  'MONGODB_URL',
  'REDIS_URL',
  'CLICKHOUSE_URL',
  'RABBITMQ_URL',
  'SMTP_URL',
  'SEAM_WEBHOOK_SECRETS',
])('does not repeat a wrong %s', (name) => {
  const read = (): unknown => readSettings({ [name]: 's3cret' });
  expect(read).toThrow(name);
  expect(read).not.toThrow('s3cret');
});

it('takes one webhook secret, or two during a rotation, and neither a weak one nor three', () => {
  const [old, next] = ['a'.repeat(16), 'b'.repeat(16)];
  const read = (text: string): readonly string[] => readSettings({ SEAM_WEBHOOK_SECRETS: text }).webhookSecrets;
  expect(read('')).toEqual([]);
  expect(read(old)).toEqual([old]);
  expect(read(`${old}, ${next}`)).toEqual([old, next]);
  for (const bad of [`${old},hunter2`, Array(3).fill(old).join()]) {
    expect(() => read(bad)).toThrow('SEAM_WEBHOOK_SECRETS: must be one or two');
    expect(() => read(bad)).not.toThrow('hunter2');
  }
});

it('uses RabbitMQ where its URL is set, and wants the URL where RabbitMQ is asked for', () => {
  expect(readSettings({ RABBITMQ_URL: 'amqp://host' }).transport).toBe('rabbitmq');
  expect(() => readSettings({ SEAM_TRANSPORT: 'rabbitmq' })).toThrow('RABBITMQ_URL must say where the broker is');
});

it('reads where the peers are', () => {
  const { peers } = readSettings({ SEAM_PEERS: 'users=http://a:1/,orders=http://b:2|https://c:3' });
  expect(peers).toEqual({ users: ['http://a:1'], orders: ['http://b:2', 'https://c:3'] });
});

it('takes a value from the file that NAME_FILE names, and tells which file it cannot read', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'seam-settings-')), 'password');
  await writeFile(file, 'from-a-file\n');
  expect(readSettings({ SEAM_STAFF_PASSWORD_FILE: file }).staffPassword).toBe('from-a-file');
  expect(() => readSettings({ SEAM_STAFF_PASSWORD_FILE: `${file}x` })).toThrow(
    /SEAM_STAFF_PASSWORD_FILE is ".*": .*ENOENT/,
  );
  const both = { SEAM_STAFF_PASSWORD_FILE: file, SEAM_STAFF_PASSWORD: 'from-the-environment' };
  expect(() => readSettings(both)).toThrow('SEAM_STAFF_PASSWORD and SEAM_STAFF_PASSWORD_FILE are both set');
});

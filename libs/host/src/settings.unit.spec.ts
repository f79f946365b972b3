import { resolve } from 'node:path';
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

it('names every wrong setting at once, with what it may be', () => {
  const read = (): unknown =>
    readSettings({
      PORT: '70000',
      SEAM_DEMO: 'yes',
      SEAM_SERVICES: ',',
      SEAM_TRANSPORT: 'rabbitmq',
      RABBITMQ_URL: 'amqp://x',
      CONSUL_URL: 'x',
    });
  expect(read).toThrow(/PORT is "70000": must be a whole number from 0 to 65535/);
  expect(read).toThrow(/SEAM_DEMO is "yes": must be true or false/);
  expect(read).toThrow(/SEAM_SERVICES is ","/);
  expect(read).toThrow(/SEAM_TRANSPORT is "rabbitmq": may only be in-process/);
  expect(read).toThrow(/RABBITMQ_URL: not supported by this version yet; unset it/);
  expect(read).toThrow(/CONSUL_URL: not supported/);
});

it.each(['SEAM_STAFF_PASSWORD', 'DATABASE_URL', 'SMTP_URL', 'SEAM_WEBHOOK_SECRETS'])(
  'does not repeat a wrong %s',
  (name) => {
    const read = (): unknown => readSettings({ [name]: 's3cret' });
    expect(read).toThrow(name);
    expect(read).not.toThrow('s3cret');
  },
);

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

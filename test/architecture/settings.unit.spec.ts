import { shop } from '@seam/contracts';
import { processSettings, readSettings } from '@seam/process';
import { services } from '../../apps/monolith/src/services.js';
import { read } from './sources.js';

const declared = services.flatMap(({ settings = {} }) => Object.values(settings));
const names = [...new Set(declared.map(({ name }) => name))].sort();

it('are known to every process of the shop, whichever services it hosts', () => {
  expect(names.length).toBeGreaterThan(5);
  expect([...shop.settings].sort()).toEqual(names);
});

it('are the rows of the README’s table', () => {
  const table = read('README.md').split('## Settings')[1]?.split('## Scripts')[0] ?? '';
  const rows = [...table.matchAll(/^\| `([A-Z][A-Z_]*)` /gm)].map(([, name]) => name ?? '');
  expect(rows.sort()).toEqual([...processSettings, ...names].sort());
});

it('have their documented defaults if nothing is set', () => {
  const settings = readSettings({}, { services });
  const values = services.flatMap(({ settings: own = {} }) => Object.entries(settings.of(own)));
  expect(Object.fromEntries(values)).toEqual({
    staffPassword: undefined,
    demo: true,
    maxPrice: 100_000_000_000,
    reservationMs: 86_400_000,
    webhookSecrets: [],
    smtpUrl: undefined,
  });
});

it.each(['SEAM_STAFF_PASSWORD', 'SMTP_URL', 'SEAM_WEBHOOK_SECRETS'])('does not repeat a wrong %s', (name) => {
  const wrong = (): unknown => readSettings({ [name]: 's3cret' }, { services });
  expect(wrong).toThrow(name);
  expect(wrong).not.toThrow('s3cret');
});

it('stops a start that has any of them wrong, also of a service that is not selected', () => {
  const environment = { SEAM_SERVICES: 'users', SEAM_DEMO: 'yes', SEAM_RESERVATION_S: '0' };
  expect(() => readSettings(environment, { services })).toThrow(
    'SEAM_DEMO is "yes": must be true or false\n  SEAM_RESERVATION_S is "0": must be a whole number of seconds, at least 1',
  );
});

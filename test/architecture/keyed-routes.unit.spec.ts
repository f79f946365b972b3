import { resolve } from '../../apps/gateway/src/routes.js';
import { productionFiles, read, services } from './sources.js';

/** The paths of the POSTs that take an `Idempotency-Key`, from the controllers, with `x` for each parameter. */
const keyed = services
  .flatMap((service) => productionFiles(`apps/${service}/src`))
  .map(read)
  .filter((source) => source.includes('@IdempotencyKey()'))
  .map((source) => {
    const [, base] = /@Controller\('([^']*)'\)/.exec(source) ?? [];
    const [, below = ''] = /@Post\((?:'([^']*)')?\)/.exec(source) ?? [];
    return `/${base}/${below}`.replace(/:\w+/g, 'x').replace(/\/$/, '');
  });

it('finds them', () => {
  expect(keyed.length).toBeGreaterThan(2);
});

it.each(keyed)('lets the gateway repeat a POST with a key to %s', (path) => {
  expect(resolve('POST', path)).toMatchObject({ keyed: true });
});

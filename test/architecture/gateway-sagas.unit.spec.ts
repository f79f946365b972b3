import { globSync, readFileSync } from 'node:fs';
import { SERVICES_WITH_SAGAS } from '../../apps/gateway/src/routes.js';

it('the gateway requests sagas from exactly the services that run some', () => {
  const running = globSync('apps/*/src/*.module.ts').filter((file) =>
    readFileSync(file, 'utf8').includes('SagaModule.forService('),
  );
  expect(running.map((file) => file.split('/')[1]).sort()).toEqual([...SERVICES_WITH_SAGAS].sort());
});

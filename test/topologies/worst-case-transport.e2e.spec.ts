import { shop } from '@seam/contracts';
import { startProcess } from '@seam/host';
import { InProcessBroker } from '@seam/messaging';
import { readSettings } from '@seam/process';
import { services } from '../../apps/monolith/src/services.js';
import { orderFlows } from '../flows/orders.flow.js';
import { dataDirectory, STAFF } from '../support/shop-process.js';
import { worstCaseDelivery } from '../support/worst-case-delivery.js';

const seed = Number(process.env['SEAM_TEST_SEED'] ?? Date.now() % 1_000_000);

orderFlows(`one process, every message as bytes, twice and out of order (SEAM_TEST_SEED=${seed})`, async () => {
  const settings = readSettings({
    PORT: '0',
    SEAM_DATA: dataDirectory(),
    SEAM_STAFF_PASSWORD: STAFF.password,
    SEAM_LOG: 'error',
  });
  const running = await startProcess({ ...shop, services }, settings, {
    transport: new InProcessBroker(worstCaseDelivery(seed)),
  });
  return { url: running.url, stop: () => running.close() };
});

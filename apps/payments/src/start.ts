import { shop } from '@seam/contracts';
import { host } from '@seam/host';
import { paymentsService } from './payments.definition.js';

await host({ ...shop, services: [paymentsService] });

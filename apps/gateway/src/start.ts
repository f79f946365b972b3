import { shop } from '@seam/contracts';
import { host } from '@seam/host';
import { gatewayService } from './gateway.definition.js';

await host({ ...shop, services: [gatewayService] });

import { host } from '@seam/host';
import { gatewayService } from './gateway.definition.js';

await host([gatewayService]);

import { host } from '@seam/host';
import { services } from './services.js';

await host(services);

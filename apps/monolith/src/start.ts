import { shop } from '@seam/contracts';
import { host } from '@seam/host';
import { services } from './services.js';

await host({ ...shop, services });

import { shop } from '@seam/contracts';
import { host } from '@seam/host';
import { analyticsService } from './analytics.definition.js';

await host({ ...shop, services: [analyticsService] });

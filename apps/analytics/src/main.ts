import { host } from '@seam/host';
import { analyticsService } from './analytics.definition.js';

await host([analyticsService]);

import type { ServiceDefinition } from '@seam/host';
import { AnalyticsModule } from './analytics.module.js';

export const analyticsService: ServiceDefinition = { name: 'analytics', module: AnalyticsModule, needs: ['orders'] };

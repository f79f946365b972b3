import type { ServiceDefinition } from '@seam/host';
import { NotificationsModule } from './notifications.module.js';

export const notificationsService: ServiceDefinition = {
  name: 'notifications',
  module: NotificationsModule,
  needs: ['users'],
};

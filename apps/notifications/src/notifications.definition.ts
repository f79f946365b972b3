import type { ServiceDefinition } from '@seam/host';
import { NotificationsModule } from './notifications.module.js';
import { notificationsSettings } from './notifications.settings.js';

export const notificationsService: ServiceDefinition = {
  name: 'notifications',
  module: NotificationsModule,
  settings: notificationsSettings,
  needs: ['users', 'orders', 'payments'],
};

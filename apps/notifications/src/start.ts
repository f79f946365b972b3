import { shop } from '@seam/contracts';
import { host } from '@seam/host';
import { notificationsService } from './notifications.definition.js';

await host({ ...shop, services: [notificationsService] });

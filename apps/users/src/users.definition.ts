import type { ServiceDefinition } from '@seam/host';
import { UsersModule } from './users.module.js';
import { usersSettings } from './users.settings.js';

export const usersService: ServiceDefinition = {
  name: 'users',
  module: UsersModule,
  settings: usersSettings,
  needs: [],
};

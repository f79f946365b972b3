import type { ServiceDefinition } from '@seam/host';
import { UsersModule } from './users.module.js';

export const usersService: ServiceDefinition = { name: 'users', module: UsersModule, needs: [] };

import { shop } from '@seam/contracts';
import { host } from '@seam/host';
import { usersService } from './users.definition.js';

await host({ ...shop, services: [usersService] });

import { Module } from '@nestjs/common';
import type { ServiceDefinition } from '../service-definition.js';
import { ServiceModule } from '../service.module.js';
import { postgresStore } from '../stores/postgres-store.js';

/** A service with a database of its own and nothing else, under any name. */
export function storedService(name: string): ServiceDefinition {
  @Module({ imports: [ServiceModule.register({ service: name, store: postgresStore({ migrations: [] }) })] })
  class StoredModule {}
  return { name, module: StoredModule, needs: [] };
}

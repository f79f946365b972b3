import { Module } from '@nestjs/common';
import { MessagingModule } from '@seam/messaging';
import { postgresStore } from '@seam/messaging/postgres';
import type { ServiceDefinition } from '../service-definition.js';

/** A service with a database of its own and nothing else, under any name. */
export function storedService(name: string): ServiceDefinition {
  @Module({ imports: [MessagingModule.forService({ service: name, store: postgresStore({ migrations: [] }) })] })
  class StoredModule {}
  return { name, module: StoredModule, needs: [] };
}

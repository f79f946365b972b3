import { Module, type Type } from '@nestjs/common';
import { MessagingModule } from '@seam/messaging';
import { postgresStore } from '@seam/messaging/postgres';
import type { ServiceDefinition } from '../service-definition.js';

/** A service with a database of its own, and the handlers of these controllers, under any name. */
export function storedService(name: string, controllers: Type[] = []): ServiceDefinition {
  @Module({
    controllers,
    imports: [MessagingModule.forService({ service: name, store: postgresStore({ migrations: [] }) })],
  })
  class StoredModule {}
  return { name, module: StoredModule, needs: [] };
}

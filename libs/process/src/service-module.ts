import {
  type Abstract,
  type DynamicModule,
  Injectable,
  type InjectionToken,
  Module,
  type Provider,
  type Type,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { SERVICE, serviceToken } from './service-token.js';

/** What a module of a service takes from another one of the same service. */
export interface TakenParts {
  /** The name of the module's class, such as `MessagingModule`. */
  readonly from: string;
  /** Of what that module exports. */
  readonly parts: readonly InjectionToken[];
}

/** What one module adds to a service. All of its exports are available to the service's other modules as well. */
export interface ServiceModuleParts extends Pick<DynamicModule, 'imports' | 'controllers' | 'providers'> {
  readonly module: Type;
  readonly takes?: readonly TakenParts[];
  readonly exports: readonly InjectionToken[];
  /** Undefined is the same as none. */
  readonly shared?: SharedRoutes | undefined;
}

/** How a module of a service is connected with the service's others. */
export interface ServiceModuleLinks {
  readonly service: string;
  /** The name of its class. */
  readonly module: string;
  readonly takes: readonly TakenParts[];
  readonly exports: readonly InjectionToken[];
  readonly shared: SharedRoutes | undefined;
}

const links = new WeakMap<object, ServiceModuleLinks>();

/** Undefined if it was not made by {@link serviceModule}. */
export const linksOf = (module: object): ServiceModuleLinks | undefined => links.get(module);

/** Global, with the exports of one module of a service, each by its {@link serviceToken}. */
@Module({})
class ServiceExportsModule {}

/** What the module of a service imports: it gets the exports by their classes. */
@Module({})
class ServiceModule {}

/**
 * A module of a service. A module that imports it gets its exports by their classes; the service's other modules take
 * them by the same classes, in any order of their list; no module of another service has access to them.
 */
export function serviceModule(service: string, parts: ServiceModuleParts): DynamicModule {
  const { takes = [], providers = [], exports, shared: routes, ...rest } = parts;
  const name: Provider = { provide: SERVICE, useValue: service };
  const own = { ...rest, providers: [name, ...takes.flatMap(taking(service)), ...providers], exports: [...exports] };
  const shared = exports.map((part) => ({ provide: serviceToken(service, part), useExisting: part }));
  const module: DynamicModule = {
    module: ServiceModule,
    providers: [name],
    imports: [
      own,
      {
        module: ServiceExportsModule,
        global: true,
        imports: [own],
        providers: shared,
        exports: shared.map(({ provide }) => provide),
      },
    ],
    exports: [own],
  };
  links.set(module, { service, module: parts.module.name, takes, exports, shared: routes });
  return module;
}

const taking =
  (service: string) =>
  ({ parts }: TakenParts): Provider[] =>
    [...new Set(parts)].map((part) => ({ provide: part, useExisting: serviceToken(service, part) }));

/**
 * What the modules of a service export, for what a process has once for all its services, such as a command's handler.
 */
@Injectable()
export class ServiceParts {
  constructor(private readonly modules: ModuleRef) {}

  /** Throws Nest's error for an unknown element where no module of the service exports it. */
  of<T>(service: string, part: Type<T> | Abstract<T>): T {
    return this.modules.get<T>(serviceToken(service, part), { strict: false });
  }
}

/**
 * HTTP routes of a service that a library brings: made by an entry such as `@seam/saga/http`, as the core knows no
 * HTTP.
 */
export interface ServiceRoutes {
  readonly imports: readonly Type[];
  /** Classes made for this service: Nest keeps a route's path on its controller's class. */
  controllers(service: string): readonly Type[];
  /** Routes that the process has once, for all of its services that name them. */
  readonly shared?: SharedRoutes;
}

/** A service's part in routes that several services of a process share. */
export interface SharedRoutes {
  /** Makes the routes' module; services that name the same function share the routes. */
  readonly moduleOf: (services: readonly SharingService[]) => DynamicModule;
  /** What the function needs to know of this service. */
  readonly options: unknown;
}

export interface SharingService {
  readonly service: string;
  readonly options: unknown;
}

import { applyDecorators, type INestApplication, SetMetadata } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { isForStaff } from '@seam/security';
import { type Routed, routeFinder } from './routes.js';

const NEVER_REFUSED = 'seam:never-refused';

/**
 * Marks a route that is answered even under overload, like those for staff: routes that staff need before they can
 * use theirs, and routes that complete accepted work. A route that creates work needs a limit of its own then.
 */
export const NeverRefused = (): ClassDecorator & MethodDecorator => applyDecorators(SetMetadata(NEVER_REFUSED, true));

type Controller = (new () => unknown) & { prototype: Record<string, unknown> };

/**
 * Returns a function that says whether the route of a method and path is for staff or {@link NeverRefused}. Call after
 * the application's init.
 */
export function neverRefusedIn(app: INestApplication): (method: string, path: string) => boolean {
  const discovery = app.get(DiscoveryService, { strict: false });
  const scanner = app.get(MetadataScanner, { strict: false });
  const reflector = app.get(Reflector, { strict: false });
  const marked = new Set<string>();
  for (const { metatype } of discovery.getControllers()) {
    const controller = metatype as Controller;
    for (const name of scanner.getAllMethodNames(controller.prototype)) {
      const targets = [controller.prototype[name] as () => unknown, controller];
      const never = reflector.getAllAndOverride<boolean | undefined>(NEVER_REFUSED, targets) === true;
      if (never || isForStaff(reflector, targets)) marked.add(`${controller.name}.${name}`);
    }
  }
  return routeFinder(app.getHttpAdapter().getInstance() as Routed, (handler) => marked.has(handler));
}

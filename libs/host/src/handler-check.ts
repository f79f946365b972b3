import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { StartError } from '@seam/process';

/** The metadata key of what a class handles; @nestjs/cqrs only logs a second handler for the same. */
const HANDLED = ['__commandHandler__', '__queryHandler__'];

/**
 * If there are two handlers for one command or query of the buses, only one would run, and which one is not defined: the
 * start fails and names them. Handlers of messages are checked by `handlersOf` of @seam/messaging.
 */
@Injectable()
export class HandlerCheck implements OnModuleInit {
  constructor(private readonly discovery: DiscoveryService) {}

  onModuleInit(): void {
    const handlers = new Map<Class, string[]>();
    for (const [handled, handler] of this.ofBuses()) handlers.set(handled, [...(handlers.get(handled) ?? []), handler]);
    const double = [...handlers].filter(([, names]) => names.length > 1);
    if (double.length === 0) return;
    const lines = double.map(([handled, names]) => `${handled.name}: ${names.join(' and ')}`);
    throw new StartError(`Two handlers for one command or query:\n  ${lines.join('\n  ')}`);
  }

  private ofBuses(): [Class, string][] {
    return this.discovery.getProviders().flatMap(({ metatype }) => {
      if (typeof metatype !== 'function') return [];
      const handled = HANDLED.map((key) => Reflect.getMetadata(key, metatype) as Class | undefined);
      return handled.flatMap((each): [Class, string][] => (each === undefined ? [] : [[each, metatype.name]]));
    });
  }
}

type Class = new () => unknown;

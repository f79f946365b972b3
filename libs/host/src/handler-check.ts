import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { StartError } from '@seam/process';

/** Where @nestjs/cqrs keeps what a class handles: it tells nobody of a second handler but the log. */
const HANDLED = ['__commandHandler__', '__queryHandler__'];

/**
 * Of two handlers for one command or query of the buses only one would ever run, and which one is left to chance: they
 * stop the start, by name. Those for messages are checked where they are found, by `handlersOf` of @seam/messaging.
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

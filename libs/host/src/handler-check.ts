import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { PATTERN_EXTRAS_METADATA } from '@nestjs/microservices/constants.js';
import type { HandlerExtras } from '@seam/messaging';
import { StartError } from '@seam/process';

/** Where @nestjs/cqrs keeps what a class handles: it tells nobody of a second handler but the log. */
const HANDLED = ['__commandHandler__', '__queryHandler__'];

/**
 * Of two handlers for one message, command or query only one would ever run, and which one is left to chance: they stop
 * the start, by name.
 */
@Injectable()
export class HandlerCheck implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  onModuleInit(): void {
    const handlers = new Map<unknown, string[]>();
    for (const [handled, handler] of [...this.ofMessages(), ...this.ofBuses()])
      handlers.set(handled, [...(handlers.get(handled) ?? []), handler]);
    const double = [...handlers].filter(([, names]) => names.length > 1);
    if (double.length === 0) return;
    const lines = double.map(([handled, names]) => `${nameOf(handled)}: ${names.join(' and ')}`);
    throw new StartError(`Two handlers for one message, command or query:\n  ${lines.join('\n  ')}`);
  }

  /** By a handler's name, which is of a service and what it takes: what `a` and `b` make of one event are two things. */
  private ofMessages(): [string, string][] {
    return this.discovery.getControllers().flatMap(({ metatype }) => {
      const { name, prototype } = metatype as Class;
      return this.scanner.getAllMethodNames(prototype).flatMap((method): [string, string][] => {
        const callback = prototype[method] as object;
        const extras = Reflect.getMetadata(PATTERN_EXTRAS_METADATA, callback) as Partial<HandlerExtras> | undefined;
        return extras?.handler === undefined ? [] : [[extras.handler, `${name}.${method}`]];
      });
    });
  }

  private ofBuses(): [Class, string][] {
    return this.discovery.getProviders().flatMap(({ metatype }) => {
      if (typeof metatype !== 'function') return [];
      const handled = HANDLED.map((key) => Reflect.getMetadata(key, metatype) as Class | undefined);
      return handled.flatMap((each): [Class, string][] => (each === undefined ? [] : [[each, metatype.name]]));
    });
  }
}

type Class = (new () => unknown) & { prototype: Record<string, unknown> };

const nameOf = (handled: unknown): string => (typeof handled === 'string' ? handled : (handled as Class).name);

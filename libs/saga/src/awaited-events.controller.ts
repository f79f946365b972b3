import { Controller, Inject, type Type } from '@nestjs/common';
import { Clock, type Message } from '@seam/kernel';
import { type CommandWork, HandleCommand, HandleEvent, type Work } from '@seam/messaging';
import type { EventContract } from '@seam/messaging/contract';
import { arriving, awaiting } from './awaited-events.js';
import type { SagaDefinition, Wait } from './definition.js';
import { awaitEvent } from './engine/await-event.js';

/** The handlers of a service whose sagas wait for events: of its sagas' waiting, and of each of these events. */
export function awaitedEventControllers(service: string, sagas: readonly unknown[]): Type[] {
  const waits = (sagas as readonly SagaDefinition[]).flatMap(({ steps }) =>
    steps.flatMap((step) => (step.do.kind === 'wait' ? [step.do] : [])),
  );
  if (waits.length === 0) return [];
  const byType = new Map<string, Wait[]>();
  for (const wait of waits) byType.set(wait.event.type, [...(byType.get(wait.event.type) ?? []), wait]);
  return [waitingOf(service), ...[...byType.values()].map((of) => arrivalOf(service, of))];
}

function waitingOf(service: string): Type {
  @Controller()
  class SagasThatWait {
    constructor(@Inject(Clock) private readonly clock: Clock) {}

    @HandleCommand(awaitEvent(service))
    wait(command: Message<{ type: string; key: string }>): CommandWork<never> {
      return awaiting(command, this.clock.now().toISOString());
    }
  }
  return SagasThatWait;
}

function arrivalOf(service: string, waits: readonly Wait[]): Type {
  const event = waits[0]?.event as EventContract;

  @Controller()
  class AwaitedEvents {
    constructor(@Inject(Clock) private readonly clock: Clock) {}

    @HandleEvent(service, event)
    arrive({ data }: Message): Work {
      const keys = waits.map((wait) => wait.keyOf(data as never));
      return arriving(event.type, keys, data, this.clock.now().toISOString());
    }
  }
  return AwaitedEvents;
}

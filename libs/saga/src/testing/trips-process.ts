import type { Abstract } from '@nestjs/common';
import { type DomainEvent, eventWork } from '@seam/event-sourcing';
import { type RunningProcess, startProcess } from '@seam/host';
import { derivedId, type Message, newId } from '@seam/kernel';
import { Committer, InProcessBroker } from '@seam/messaging';
import { type EventContract, messageOf, type Outcome, uncheckedReplyTo } from '@seam/messaging/contract';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { readSettings, ServiceParts } from '@seam/process';
import { LocalVerificationKeys } from '@seam/security';
import { type TestIdentity, testIdentity } from '@seam/security/testing';
import { eventually } from '@seam/testing';
import { startSaga } from '../engine/handle-input.js';
import { Saga } from '../engine/state.js';
import type { TripsService } from './saga-service.js';
import { Trip, type TripSaga, tripSaga } from './trip.js';

export const systemOf = (...services: TripsService[]): Parameters<typeof startProcess>[0] => ({
  services,
  subscriptions: Object.fromEntries(services.map(({ name, takes = [] }) => [name, takes])),
  settings: [],
  texts: { name: 'Trips', purpose: 'Trips', topics: 'trips' },
});

export const settingsOn = (postgres: EmbeddedPostgres, mongodbUrl?: string): ReturnType<typeof readSettings> =>
  readSettings({
    PORT: '0',
    SEAM_LOG: 'error',
    DATABASE_URL: postgres.url('postgres'),
    ...(mongodbUrl === undefined ? {} : { MONGODB_URL: mongodbUrl }),
  });

/**
 * Delivers messages to the services of the process, and keeps messages to other services: the test answers those, or
 * leaves them unanswered.
 */
class SimulatedServices extends InProcessBroker {
  readonly commands: Message[] = [];

  constructor(private readonly hosted: readonly string[]) {
    super();
  }

  override async publish(message: Message): Promise<void> {
    if (message.target === undefined || this.hosted.includes(message.target)) return super.publish(message);
    this.commands.push(message);
  }
}

export interface Answered {
  readonly status: number;
  readonly body: any;
}

/** A process of services that run sagas of trips; all other services are simulated by the test. */
export class TripsProcess {
  readonly staffId = newId();

  private constructor(
    readonly running: RunningProcess,
    private readonly simulated: SimulatedServices,
    private readonly identity: TestIdentity,
  ) {}

  static start(postgres: EmbeddedPostgres, ...services: TripsService[]): Promise<TripsProcess> {
    return TripsProcess.with(settingsOn(postgres), ...services);
  }

  static async with(settings: ReturnType<typeof readSettings>, ...services: TripsService[]): Promise<TripsProcess> {
    const simulated = new SimulatedServices(services.map(({ name }) => name));
    const identity = await testIdentity();
    const running = await startProcess(systemOf(...services), settings, { transport: simulated });
    running.app.get(LocalVerificationKeys, { strict: false }).use(() => Promise.resolve(identity.jwks));
    return new TripsProcess(running, simulated, identity);
  }

  close(): Promise<void> {
    return this.running.close();
  }

  part<T>(service: string, part: Abstract<T>): T {
    return this.running.app.get(ServiceParts, { strict: false }).of(service, part);
  }

  async call(method: string, path: string, body?: object, role: 'staff' | 'customer' = 'staff'): Promise<Answered> {
    const token = await this.identity.tokenFor({ userId: this.staffId, email: 'a@b.c', role });
    const response = await fetch(`${this.running.url}/api${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  }

  /** Starts a saga of a trip in a service, by default that of all trips; resolves with its id. */
  async begin(service: string, tripId: string, definition: TripSaga = tripSaga): Promise<string> {
    const id = derivedId(definition.name, service, tripId);
    const streams = { saga: { aggregate: Saga, id }, trip: { aggregate: Trip, id: tripId } };
    const work = eventWork(streams, ({ trip }) => {
      const at = new Date().toISOString();
      const started = startSaga(definition, { id, correlationId: tripId, data: { tripId } }, trip, at, service);
      const events = { saga: started.saga, trip: started.aggregate as readonly DomainEvent<'trip-sealed', object>[] };
      return { events, messages: started.messages, value: undefined };
    });
    await this.part(service, Committer).commit(work);
    return id;
  }

  /** The commands that a saga has sent, in their order. */
  commandsOf(saga: string): Message[] {
    return this.simulated.commands.filter((one) => JSON.stringify(one).includes(saga));
  }

  /** The saga's first command of a type, once it is sent. */
  command(type: string, saga: string): Promise<Message> {
    return eventually(() => {
      const command = this.commandsOf(saga).find((one) => one.type === type);
      if (command === undefined) throw new Error(`${type} has not been sent`);
      return command;
    });
  }

  /** An event of another service arrives. */
  async publish<D>(event: EventContract<D>, data: D, id = newId()): Promise<void> {
    await this.simulated.publish({
      id,
      source: event.service,
      at: new Date().toISOString(),
      ...messageOf(event, id, data),
    });
  }

  async answer(command: Message, outcome: Outcome): Promise<void> {
    for (const reply of uncheckedReplyTo(command, outcome))
      await this.simulated.publish({
        id: newId(),
        source: command.target ?? '',
        at: new Date().toISOString(),
        ...reply,
      });
  }
}

import { Module, type ModuleMetadata } from '@nestjs/common';
import type { ServiceDefinition, SystemDefinition, SystemTexts } from '@seam/host';
import type { EventContract } from '@seam/messaging/contract';
import type { SagaDefinition } from '@seam/saga';
import { SeamModule, type SeamServiceOptions } from './seam.module.js';

/** A service, and the events of others that it handles. */
export interface SeamService extends ServiceDefinition {
  readonly subscribes: readonly EventContract[];
}

export interface ServiceOptions
  extends
    Pick<ServiceDefinition, 'name'>,
    Partial<Pick<ServiceDefinition, 'needs' | 'settings'>>,
    Omit<SeamServiceOptions, 'service'>,
    Pick<ModuleMetadata, 'controllers' | 'providers'> {
  /** The events that its controllers handle. Those that its sagas wait for need not be listed. */
  readonly subscribes?: readonly EventContract[];
}

/** A service: its `SeamModule` with its controllers and providers, as a system lists it. */
export function defineService({
  name,
  needs = [],
  subscribes = [],
  settings,
  controllers = [],
  providers = [],
  ...options
}: ServiceOptions): SeamService {
  @Module({ imports: [SeamModule.forService({ service: name, ...options })], controllers, providers })
  class DefinedServiceModule {}
  const awaited = (options.sagas?.definitions ?? []).flatMap((saga) => awaitedBy(saga as SagaDefinition));
  const events = [...subscribes, ...awaited].filter(
    ({ type }, index, all) => all.findIndex((other) => other.type === type) === index,
  );
  return {
    name,
    module: DefinedServiceModule,
    needs,
    subscribes: events,
    ...(settings === undefined ? {} : { settings }),
  };
}

const awaitedBy = ({ steps }: SagaDefinition): EventContract[] =>
  steps.flatMap((step) => (step.do.kind === 'wait' ? [step.do.event as EventContract] : []));

/** A system of such services, all of which are listed, whichever of them a process hosts. */
export const defineSystem = (services: readonly SeamService[], texts: SystemTexts): SystemDefinition => ({
  services,
  subscriptions: Object.fromEntries(services.map(({ name, subscribes }) => [name, subscribes])),
  settings: services.flatMap(({ settings }) => Object.values(settings ?? {}).map((setting) => setting.name)),
  texts,
});

import {
  type DynamicModule,
  Global,
  type INestApplicationContext,
  type InjectionToken,
  Module,
  type Type,
} from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import { PATTERN_METADATA } from '@nestjs/microservices/constants.js';
import { type ProjectorLoop, ReadModels, type Rebuilds, SetAsides } from '@seam/event-sourcing';
import { Committer } from '@seam/messaging';
import { replyType } from '@seam/messaging/contract';
import { DrainRegistry, Metrics, ProcessContext, serviceModule } from '@seam/process';
import { SagaRunner } from './runner.js';
import type { SagaEngine } from './saga-engine.js';
import { SagaFinder } from './saga-finder.js';
import { SagaModule } from './saga.module.js';

const drains = new DrainRegistry();
const metrics = new Metrics();
const oldest = new Date();
const finderOfTests = { open: () => Promise.resolve([{ definition: 'book', state: 'running', count: 3, oldest }]) };

/** The global parts that a process provides for its services. */
@Global()
@Module({
  providers: [
    { provide: DrainRegistry, useValue: drains },
    { provide: Metrics, useValue: metrics },
    { provide: ProcessContext, useValue: { settings: { rolloutMs: 0 } } },
  ],
  exports: [DrainRegistry, Metrics, ProcessContext],
})
class WorldModule {}

/** Stands for a module of the service that has an engine. */
function broughtBy(module: Type, parts: ReadonlyMap<InjectionToken, unknown>): DynamicModule {
  const providers = [...parts].map(([provide, useValue]) => ({ provide, useValue }));
  return serviceModule('rooms', { module, providers, exports: [...parts.keys()] });
}

@Module({})
class StoreModule {}
@Module({})
class EventsModule {}

function start(category: string): Promise<INestApplicationContext> {
  const loop = { name: 'view', category, behindSeconds: 0, start: () => undefined, stop: () => Promise.resolve() };
  const models = new ReadModels('rooms', [loop as unknown as ProjectorLoop], {} as Rebuilds, drains, metrics);
  const imports = [
    WorldModule,
    SagaModule.forService({ service: 'rooms', sagas: [], engine: engineWith(SagaFinder) }),
    broughtBy(
      EventsModule,
      new Map<InjectionToken, unknown>([
        [SetAsides, { of: () => Promise.resolve([]) }],
        [ReadModels, models],
      ]),
    ),
    broughtBy(StoreModule, new Map<InjectionToken, unknown>([[Committer, {}]])),
  ];
  @Module({ imports })
  class RoomsModule {}
  return NestFactory.createApplicationContext(RoomsModule, { logger: false, abortOnError: false });
}

const engineWith = (provide: InjectionToken): SagaEngine => ({
  uses: [],
  adapters: [{ provide, useValue: finderOfTests }],
});

it('provides a service’s runner, the handler of replies, timers and metrics', async () => {
  const app = await start('saga');
  expect(app.get(SagaRunner, { strict: false })).toBeInstanceOf(SagaRunner);
  const handlers = [...app.get(ModulesContainer).values()].flatMap(({ controllers }) => [...controllers.values()]);
  const patterns = handlers.map(({ metatype }) => {
    const { reply } = (metatype as { prototype: { reply: object } }).prototype;
    return Reflect.getMetadata(PATTERN_METADATA, reply) as unknown;
  });
  expect(patterns).toEqual([[replyType('rooms')]]);
  expect(await metrics.text()).toContain('seam_sagas{service="rooms",definition="book",state="running"} 3');
  expect(drains.busy).toEqual(expect.arrayContaining(['rooms saga timers', 'rooms read models']));
  await drains.drain(1_000);
  await app.close();
});

it('does not start without a read model of sagas, and says what to add', async () => {
  await expect(start('room')).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringMatching(/^rooms has sagas, but no read model of them.*\nAdd sagaList\(\)/),
  });
});

it('reports that the adapter for finding sagas is missing', () => {
  expect(() => SagaModule.forService({ service: 'rooms', sagas: [], engine: engineWith('another') })).toThrow(
    'The adapters of the sagas of rooms lack SagaFinder.',
  );
});

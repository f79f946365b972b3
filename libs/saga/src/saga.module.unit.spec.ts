import { type DynamicModule, Global, type INestApplicationContext, Module } from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import { PATTERN_METADATA } from '@nestjs/microservices/constants.js';
import { type ProjectorLoop, ReadModels, type Rebuilds, SetAsides } from '@seam/event-sourcing';
import { Committer } from '@seam/messaging';
import { replyType } from '@seam/messaging/contract';
import { DrainRegistry, Metrics, ProcessContext } from '@seam/process';
import { SagaRunner } from './runner.js';
import { SagaFinder } from './saga-finder.js';
import { SagaModule } from './saga.module.js';

const drains = new DrainRegistry();
const metrics = new Metrics();
const oldest = new Date();
const finderOfTests = { open: () => Promise.resolve([{ definition: 'book', state: 'running', count: 3, oldest }]) };

/** What a process and a service's own modules bring, and no engine. */
@Global()
@Module({})
class WorldModule {
  static following(category: string): DynamicModule {
    const loop = { name: 'view', category, behindSeconds: 0, start: () => undefined, stop: () => Promise.resolve() };
    const models = new ReadModels('rooms', [loop as unknown as ProjectorLoop], {} as Rebuilds, drains, metrics);
    const providers = [
      { provide: DrainRegistry, useValue: drains },
      { provide: Metrics, useValue: metrics },
      { provide: ProcessContext, useValue: { settings: { rolloutMs: 0 } } },
      { provide: Committer, useValue: {} },
      { provide: SetAsides, useValue: { of: () => Promise.resolve([]) } },
      { provide: ReadModels, useValue: models },
    ];
    return { module: WorldModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}

function start(category: string): Promise<INestApplicationContext> {
  const sagas = SagaModule.forService({
    service: 'rooms',
    sagas: [],
    imports: [],
    finder: { provide: SagaFinder, useValue: finderOfTests as unknown as SagaFinder },
  });
  @Module({ imports: [WorldModule.following(category), sagas] })
  class RoomsModule {}
  return NestFactory.createApplicationContext(RoomsModule, { logger: false, abortOnError: false });
}

it('brings a service that runs sagas its runner, the handler of replies, time limits and metrics', async () => {
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

it('does not start where no read model follows the sagas, and says what to add', async () => {
  await expect(start('room')).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringMatching(/^rooms has sagas, but no read model of them.*\nAdd sagaList\(\)/),
  });
});

it('says that the adapter which finds sagas is missing', () => {
  const finder = { provide: 'another', useValue: finderOfTests as unknown as SagaFinder };
  expect(() => SagaModule.forService({ service: 'rooms', sagas: [], imports: [], finder })).toThrow(
    'The adapters of the sagas of rooms lack SagaFinder.',
  );
});

import {
  type DynamicModule,
  type INestApplicationContext,
  Inject,
  Injectable,
  Module,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { serviceModule, ServiceParts } from './service-module.js';
import { SERVICE } from './service-token.js';

abstract class Store {
  constructor(readonly of: string) {}
}
class StoreOf extends Store {}

@Injectable()
class Ledger {
  constructor(
    readonly store: Store,
    @Inject(SERVICE) readonly service: string,
  ) {}
}

@Injectable()
class Clerk {
  constructor(
    readonly ledger: Ledger,
    readonly store: Store,
  ) {}
}

@Module({})
class StoreModule {
  static forService(service: string): DynamicModule {
    const providers = [{ provide: Store, useValue: new StoreOf(service) }];
    return serviceModule(service, { module: StoreModule, providers, exports: [Store] });
  }
}

@Module({})
class LedgerModule {
  static forService(service: string): DynamicModule {
    const takes = [{ from: 'StoreModule', parts: [Store] }];
    return serviceModule(service, { module: LedgerModule, takes, providers: [Ledger], exports: [Ledger] });
  }
}

function serviceOf(imports: DynamicModule[]): Type {
  @Module({ imports, providers: [Clerk] })
  class AnyServiceModule {}
  return AnyServiceModule;
}

async function start(...services: Type[]): Promise<INestApplicationContext> {
  @Module({ imports: services, providers: [ServiceParts] })
  class ProcessModule {}
  return NestFactory.createApplicationContext(ProcessModule, { logger: false, abortOnError: false });
}

const sequences = [
  ['one after the other', (modules: DynamicModule[]) => modules],
  ['the other way round', (modules: DynamicModule[]) => modules.toReversed()],
] as const;

it.each(sequences)('connects the modules of each service and no others, listed %s', async (_, listed) => {
  const [rooms, cars] = ['rooms', 'cars'].map((service) =>
    serviceOf(listed([StoreModule.forService(service), LedgerModule.forService(service)])),
  ) as [Type, Type];
  const app = await start(rooms, cars);
  const parts = app.get(ServiceParts);
  for (const [name, module] of [
    ['rooms', rooms],
    ['cars', cars],
  ] as const) {
    const { ledger, store } = app.select(module).get(Clerk, { strict: true });
    expect(store).toMatchObject({ of: name });
    expect(ledger).toMatchObject({ service: name });
    expect(ledger.store).toBe(store);
    expect(parts.of(name, Ledger)).toBe(ledger);
    expect(parts.of(name, Store)).toBe(store);
  }
  expect(() => parts.of('boats', Store)).toThrow('Store of boats');
  await app.close();
});

it('does not let one service inject the exports of another by their classes', async () => {
  const bare = serviceOf([]);
  const rooms = serviceOf([StoreModule.forService('rooms'), LedgerModule.forService('rooms')]);
  await expect(start(rooms, bare)).rejects.toThrow(/can't resolve dependencies of the Clerk/);
});

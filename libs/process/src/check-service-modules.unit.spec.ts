import { type DynamicModule, type ForwardReference, forwardRef, Module, type Type } from '@nestjs/common';
import { checkServiceModules } from './check-service-modules.js';
import { serviceModule } from './service-module.js';

class Store {
  readonly kept = true;
}
class Pool {
  readonly size = 1;
}

@Module({})
class StoreModule {
  static forService(service: string): DynamicModule {
    return serviceModule(service, { module: StoreModule, providers: [Store], exports: [Store] });
  }
}

@Module({})
class LedgerModule {
  static forService(service: string, ...parts: Type[]): DynamicModule {
    return serviceModule(service, { module: LedgerModule, takes: [{ from: 'StoreModule', parts }], exports: [] });
  }
}

/** A service's module, as an application declares it. */
function serviceOf(...imports: (DynamicModule | Promise<DynamicModule> | ForwardReference)[]): Type {
  @Module({ imports })
  class AnyServiceModule {}
  return AnyServiceModule;
}

const ledger = LedgerModule.forService('rooms', Store);
const store = StoreModule.forService('rooms');

it.each([
  ['in their sequence', [serviceOf(store, ledger)]],
  ['in another one', [serviceOf(ledger, store)]],
  ['one of them later', [serviceOf(ledger, Promise.resolve(store))]],
  [
    'in a module that is named before it is there',
    [
      serviceOf(
        ledger,
        forwardRef(() => serviceOf(store)),
      ),
    ],
  ],
  ['in two modules of the service, which share them', [serviceOf(store, ledger), serviceOf(store)]],
  ['in a dynamic module', [{ module: serviceOf(store), imports: [ledger] }]],
  ['of two services', [serviceOf(store, ledger), serviceOf(StoreModule.forService('cars'))]],
])('accepts modules that find each other, %s', async (_, modules) => {
  await expect(checkServiceModules(modules)).resolves.toBeUndefined();
});

it.each([
  ['no module has it', [serviceOf(ledger)]],
  ['another service has it', [serviceOf(ledger), serviceOf(StoreModule.forService('cars'))]],
])('says which module to add where one builds on it and %s', async (_, modules) => {
  await expect(checkServiceModules(modules)).rejects.toMatchObject({
    name: 'StartError',
    message:
      'rooms has LedgerModule, and no StoreModule, on which it builds.\n' +
      "Add StoreModule.forService({ service: 'rooms', … }) to the imports of the module of rooms.",
  });
});

it('names what the other module does not export if it is of another engine', async () => {
  const other = LedgerModule.forService('rooms', Store, Pool);
  await expect(checkServiceModules([serviceOf(store, other)])).rejects.toMatchObject({
    name: 'StartError',
    message:
      'LedgerModule of rooms builds on Pool, and its StoreModule does not export that.\n' +
      'Give both of them adapters of the same engine.',
  });
});

it('says that a service has a module twice, as two services of one name have', async () => {
  const twice = [serviceOf(store, ledger), serviceOf(StoreModule.forService('rooms'))];
  await expect(checkServiceModules(twice)).rejects.toMatchObject({
    name: 'StartError',
    message:
      'rooms has StoreModule 2 times.\n' +
      "List StoreModule.forService({ service: 'rooms', … }) once, in the module of rooms, " +
      'and give each service of a process a name of its own.',
  });
});

import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  Command,
  CommandBus,
  CommandHandler,
  CqrsModule,
  type ICommandHandler,
  type IQueryHandler,
  Query,
  QueryBus,
  QueryHandler,
} from '@seam/cqrs';
import { load, median, print } from './measure.js';
import { BenchShop } from './shop.js';

/** Enough that one measurement is long for the operating system's clock of processor time. */
const CALLS = 200_000;
const IN_FLIGHT = 32;

class Place extends Command<number> {
  constructor(readonly value: number) {
    super();
  }
}

class Find extends Query<number> {
  constructor(readonly value: number) {
    super();
  }
}

/** They do nothing, so that only the bus is measured. */
@CommandHandler(Place)
class PlaceHandler implements ICommandHandler<Place> {
  execute({ value }: Place): Promise<number> {
    return Promise.resolve(value);
  }
}

@QueryHandler(Find)
class FindHandler implements IQueryHandler<Find> {
  execute({ value }: Find): Promise<number> {
    return Promise.resolve(value);
  }
}

@Injectable()
class Calls {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly place: PlaceHandler,
    private readonly find: FindHandler,
  ) {}

  readonly commandByBus = (value: number): Promise<number> => this.commands.execute(new Place(value));
  readonly command = (value: number): Promise<number> => this.place.execute(new Place(value));
  readonly queryByBus = (value: number): Promise<number> => this.queries.execute(new Find(value));
  readonly query = (value: number): Promise<number> => this.find.execute(new Find(value));
}

@Module({ imports: [CqrsModule], providers: [PlaceHandler, FindHandler, Calls] })
class BusesModule {}

/**
 * The cost of the buses of @nestjs/cqrs, compared with a direct call of the handler, in processor time per call, and its
 * share of the cost of an order.
 */
export async function benchBuses(orders: number, rounds: number): Promise<void> {
  const app = await NestFactory.createApplicationContext(BusesModule, { logger: false } as never);
  const calls = app.get(Calls);
  print('\nBuses of @nestjs/cqrs, processor time of one call (medians)');
  const command = await beside('command', rounds, calls.commandByBus, calls.command);
  const query = await beside('query', rounds, calls.queryByBus, calls.query);
  await app.close();
  const { commands, queries, nodeUs } = await perOrder(orders);
  const us = commands * command + queries * query;
  print(
    `  of an order: ${commands.toFixed(2)} commands and ${queries.toFixed(2)} queries, so ${us.toFixed(2)} us of the ` +
      `${nodeUs.toFixed(0)} us that Node takes: ${((100 * us) / nodeUs).toFixed(2)} %`,
  );
}

type Call = (value: number) => Promise<number>;

/**
 * Alternates, so that both run under the same conditions. Resolves to the additional time per call by the bus, in
 * microseconds.
 */
async function beside(name: string, rounds: number, byBus: Call, direct: Call): Promise<number> {
  await costOf(byBus);
  await costOf(direct);
  const pairs: { byBus: number; direct: number }[] = [];
  for (let round = 0; round < rounds; round += 1)
    pairs.push({ byBus: await costOf(byBus), direct: await costOf(direct) });
  const added = median(pairs.map((pair) => pair.byBus - pair.direct));
  const [bus, handler] = [median(pairs.map((pair) => pair.byBus)), median(pairs.map((pair) => pair.direct))];
  print(
    `  ${name.padEnd(8)} by the bus ${bus.toFixed(2)} us, directly ${handler.toFixed(2)} us, added ${added.toFixed(2)} us`,
  );
  return added;
}

async function costOf(call: Call): Promise<number> {
  const before = process.cpuUsage();
  for (let value = 0; value < CALLS; value += 1) await call(value);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
}

/**
 * The number of commands and queries per order of the whole shop in this process, and Node's processor time of an
 * order.
 */
async function perOrder(orders: number): Promise<{ commands: number; queries: number; nodeUs: number }> {
  const shop = await BenchShop.start();
  await load(orders, IN_FLIGHT, (index) => shop.order(index));
  const count = shop.countBusCalls();
  const before = process.cpuUsage();
  await load(orders, IN_FLIGHT, (index) => shop.order(index));
  const { user, system } = process.cpuUsage(before);
  const { commands, queries } = count();
  await shop.stop();
  return { commands: commands / orders, queries: queries / orders, nodeUs: (user + system) / orders };
}

import { Controller, Get, Injectable, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Command, CommandHandler, CqrsModule } from '@seam/cqrs';
import { idFloor, newId } from '@seam/kernel';
import { HandleEvent, InProcessBroker, MessagingModule, type Transport, type Work, work } from '@seam/messaging';
import { postgresStore } from '@seam/messaging/postgres';
import { RabbitTransport } from '@seam/messaging/rabbitmq';
import { defineEvent } from '@seam/messaging/contract';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { readSettings, type Settings } from '@seam/process';
import { Public } from '@seam/security';
import { engine } from '@seam/testing/engines';
import pg from 'pg';
import { z } from 'zod';
import { startTestServer } from '@seam/persistence/testing';
import type { ServiceDefinition } from './service-definition.js';
import { type StartOptions, startProcess } from './start-process.js';
import { storedService } from './testing/stored-service.js';
import { systemOf } from './testing/system.js';

let postgres: EmbeddedPostgres;
let settings: Settings;

beforeAll(async () => {
  postgres = await startTestServer();
  settings = readSettings({ PORT: '0', SEAM_LOG: 'error', DATABASE_URL: postgres.url('postgres') });
});
afterAll(() => postgres.stop());

async function query(service: string, text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: postgres.url(`seam_${service}`) });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** A service with this start hook. */
function serviceThat(hooks: Partial<OnApplicationBootstrap & OnModuleDestroy>): ServiceDefinition {
  @Injectable()
  class Seed implements OnApplicationBootstrap, OnModuleDestroy {
    onApplicationBootstrap(): unknown {
      return hooks.onApplicationBootstrap?.();
    }

    onModuleDestroy(): unknown {
      return hooks.onModuleDestroy?.();
    }
  }
  @Module({ providers: [Seed] })
  class SeedModule {}
  return { name: 'seeded', module: SeedModule, needs: [] };
}

const forever = (): Promise<never> => new Promise(() => undefined);
const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const failing = async (): Promise<never> => {
  await later(500); // Past the first sweep of the outbox.
  throw new Error('the seed is bad');
};

async function failureOf(services: ServiceDefinition[], options: StartOptions = {}): Promise<Error> {
  const outcome = await startProcess(systemOf(...services), settings, options).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(Error);
  return outcome as Error;
}

const broker = engine('rabbitmq');
const overRabbit = (): Transport => {
  const subscriptions = { sender: [], receiver: [] };
  const options = { url: broker?.url ?? '', services: ['sender', 'receiver'], subscriptions, waitMs: 10_000 };
  return new RabbitTransport({ ...options, prefix: `test-${newId().slice(-12)}`, log: () => undefined });
};

describe.each<[string, () => Transport, typeof it]>([
  ['in process', () => new InProcessBroker(), it],
  ['over RabbitMQ', overRabbit, broker === undefined ? it.skip : it],
])('a start that fails with messages under way %s', (_, transport, onThis) => {
  onThis('ends with its error, soon, and loses none of them', async () => {
    const services = [storedService('sender'), storedService('receiver')];
    await (await startProcess(systemOf(...services), settings)).close();
    await query('sender', 'delete from outbox');
    const old = idFloor(new Date(Date.now() - 3_600_000));
    const event = { id: newId(), type: 'shop.noted.v1', kind: 'event', source: 'sender', correlationId: newId() };
    const command = { ...event, id: newId(), kind: 'command', target: 'nowhere' };
    const messages = [
      { ...event, at: new Date().toISOString(), data: {} },
      // To a service that does not exist: no transport can deliver it.
      { ...command, at: new Date().toISOString(), data: {} },
    ];
    await query('sender', 'insert into outbox (id, messages) values ($1, $2)', [old, JSON.stringify(messages)]);

    const started = performance.now();
    const error = await failureOf([...services, serviceThat({ onApplicationBootstrap: failing })], {
      transport: transport(),
      cleanUpWithinMs: 30_000,
    });
    expect(error.message).toBe('the seed is bad');
    expect(performance.now() - started).toBeLessThan(20_000);
    // Still to be sent, or a dead letter if the transport knows that it can never be delivered.
    const kept = await query(
      'sender',
      'select id from outbox union all select message_id from dead_letter where message_id = $1',
      [command.id],
    );
    expect([[{ id: old }], [{ id: command.id }]]).toContainEqual(kept);
  });
});

it('a start hook that hangs is named when its time is up', async () => {
  const error = await failureOf([serviceThat({ onApplicationBootstrap: forever })], { hooksWithinMs: 500 });
  expect(error).toMatchObject({ name: 'StartError', message: expect.stringContaining('Seed.onApplicationBootstrap') });
});

it('a part that hangs during shutdown does not prevent the report of why the start failed', async () => {
  const service = serviceThat({ onApplicationBootstrap: failing, onModuleDestroy: forever });
  expect((await failureOf([service], { cleanUpWithinMs: 500 })).message).toBe('the seed is bad');
});

describe('two handlers where only one is allowed fail the start, and are both named', () => {
  const moduleOf = (...controllers: (new () => unknown)[]): ServiceDefinition => {
    @Module({ controllers })
    class CopiedModule {}
    return { name: 'copied', module: CopiedModule, needs: [] };
  };

  @Controller('copied')
  class First {
    @Get(':id')
    @Public()
    one(): object {
      return {};
    }
  }

  it('of one route, whatever its parameter is called', async () => {
    @Controller('copied')
    class Second {
      @Get(':name')
      @Public()
      other(): object {
        return {};
      }
    }
    const { message } = await failureOf([moduleOf(First, Second)]);
    expect(message).toContain('GET /copied/:name: First.one (/copied/:id) matches before Second.other');
  });

  it('of a route that a parameter before it takes', async () => {
    @Controller('copied')
    class Special {
      @Get('mine')
      @Public()
      mine(): object {
        return {};
      }
    }
    expect((await failureOf([moduleOf(First, Special)])).message).toContain('Special.mine');
    const running = await startProcess(systemOf(moduleOf(Special, First)), settings);
    await running.close();
  });

  it('of one message', async () => {
    const Renamed = defineEvent({ service: 'sender', name: 'renamed', data: z.object({}) });
    const done = (): Work => work({ name: 'test' }, undefined, () => ({ value: undefined, messages: [] }));
    @Controller()
    class One {
      @HandleEvent('copied', Renamed)
      take(): Work {
        return done();
      }
    }
    @Controller()
    class Two {
      @HandleEvent('copied', Renamed)
      alsoTake(): Work {
        return done();
      }
    }
    const store = MessagingModule.forService({ service: 'copied', store: postgresStore({ migrations: [] }) });
    @Module({ imports: [store], controllers: [One, Two] })
    class TakingModule {}
    const error = await failureOf([{ name: 'copied', module: TakingModule, needs: [] }]);
    expect(error).toMatchObject({
      code: 'MESSAGING.HANDLERS',
      message: expect.stringContaining('One.take and Two.alsoTake'),
    });
  });

  it('of one command', async () => {
    class Rename extends Command<void> {}
    @CommandHandler(Rename)
    class RenameHandler {
      execute(): Promise<void> {
        return Promise.resolve();
      }
    }
    @CommandHandler(Rename)
    class CopiedHandler extends RenameHandler {}
    @Module({ imports: [CqrsModule], providers: [RenameHandler, CopiedHandler] })
    class BusModule {}
    const { message } = await failureOf([{ name: 'copied', module: BusModule, needs: [] }]);
    expect(message).toContain('Rename: RenameHandler and CopiedHandler');
  });
});

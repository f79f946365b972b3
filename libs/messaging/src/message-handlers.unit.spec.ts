import {
  Body,
  Controller,
  Get,
  Injectable,
  Module,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, NestFactory } from '@nestjs/core';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { Message } from '@seam/kernel';
import { z } from 'zod';
import { type AnswerTo, type CommandWork, withOwnReplies } from './command-work.js';
import { defineCommand, defineEvent, replyType } from './contract/index.js';
import { HandleCommand, HandleEvent, HandleReplies } from './decorators.js';
import { HandlerError, handlersOf, type MessageHandlers } from './message-handlers.js';
import { message } from './testing/receiving-rig.js';
import { type Work, work } from './work.js';

const Do = defineCommand({ service: 'a', name: 'do', data: z.object({}), reply: z.object({}) });
const Noted = defineEvent({ service: 'other', name: 'noted', data: z.object({}) });
const saying = (said: unknown): CommandWork<never> =>
  withOwnReplies(work({ name: 'test' }, said, () => ({ value: undefined, messages: [] })));

/** The handlers of an application that consists of these controllers. */
async function found(service: string, ...controllers: (new (...args: never[]) => object)[]): Promise<MessageHandlers> {
  @Module({ imports: [DiscoveryModule], controllers, providers: [Enhancer] })
  class TestModule {}
  const app = await NestFactory.createApplicationContext(TestModule, { logger: false });
  try {
    return handlersOf(service, app.get(DiscoveryService).getControllers());
  } finally {
    await app.close();
  }
}

const refusal = async (...controllers: (new () => object)[]): Promise<Error> =>
  found('a', ...controllers).then(
    () => new Error('taken'),
    (error: unknown) => error as Error,
  );

@Injectable()
class Enhancer {
  canActivate(): boolean {
    return true;
  }
  intercept(): never {
    throw new Error('never');
  }
  transform(): never {
    throw new Error('never');
  }
  catch(): never {
    throw new Error('never');
  }
}

@Controller()
class Handlers {
  private readonly said = 'by a';

  @HandleCommand(Do)
  do(_: Message<object>): AnswerTo<typeof Do> {
    return saying(this.said);
  }

  @HandleEvent('a', Noted)
  noted(taken: Message<object>): Promise<Work> {
    return Promise.resolve(saying(taken.id));
  }

  @HandleEvent('b', Noted)
  alsoNoted(): Work {
    return saying('by b');
  }

  @HandleReplies('a')
  replied(): Work {
    throw new Error('no reply is expected');
  }

  @EventPattern('shop.other.v1')
  nestsOwn(data: unknown): unknown {
    return data;
  }
}

describe('methods that handle messages', () => {
  it('are found by service and type, and called directly', async () => {
    const handlers = await found('a', Handlers);
    expect([...handlers.keys()]).toEqual([Do.type, Noted.type, replyType('a')]);
    expect(handlers.get(Do.type)).toMatchObject({ handler: `a/${Do.type}`, contract: Do, method: 'Handlers.do' });
    const sent = message(Noted.type);
    expect(handlers.get(Do.type)?.invoke(sent)).toMatchObject({ input: 'by a' });
    expect(await handlers.get(Noted.type)?.invoke(sent)).toMatchObject({ input: sent.id });
    expect(() => handlers.get(replyType('a'))?.invoke(sent)).toThrow('no reply is expected');
    expect([...(await found('b', Handlers)).keys()]).toEqual([Noted.type]);
  });

  it('may be in the same class as HTTP routes with guards and parameters', async () => {
    @Controller()
    class Mixed {
      @Get()
      @UseGuards(Enhancer)
      show(@Body() body: object): object {
        return body;
      }

      @HandleCommand(Do)
      do(): AnswerTo<typeof Do> {
        return saying('mixed');
      }
    }
    expect((await found('a', Mixed)).size).toBe(1);
  });
});

describe('the start is refused for a method that', () => {
  it.each([
    ['guard', UseGuards(Enhancer)],
    ['interceptor', UseInterceptors(Enhancer)],
    ['pipe', UsePipes(Enhancer)],
    ['filter', UseFilters(Enhancer)],
  ])('has a %s, on the method or on its class', async (kind, decorator) => {
    @Controller()
    class OnMethod {
      @HandleCommand(Do)
      @decorator
      do(): AnswerTo<typeof Do> {
        return saying('never');
      }
    }
    @Controller()
    @decorator
    class OnClass {
      @HandleEvent('a', Noted)
      noted(): Work {
        return saying('never');
      }
    }
    const error = await refusal(OnMethod, OnClass);
    expect(error).toBeInstanceOf(HandlerError);
    expect(error.message).toContain(`OnMethod.do has a ${kind},`);
    expect(error.message).toContain(`OnClass.noted has a ${kind},`);
  });

  it('has a decorated parameter', async () => {
    @Controller()
    class Decorated {
      @HandleCommand(Do)
      do(@Payload('data') _: Message<object>): AnswerTo<typeof Do> {
        return saying('never');
      }
    }
    expect((await refusal(Decorated)).message).toContain('Decorated.do has a decorated parameter');
  });

  it('is in a class with request scope', async () => {
    @Controller({ scope: Scope.REQUEST })
    class PerRequest {
      @HandleCommand(Do)
      do(): AnswerTo<typeof Do> {
        return saying('never');
      }
    }
    expect((await refusal(PerRequest)).message).toContain('PerRequest.do is in a request-scoped class');
  });

  it('is the second one for its type', async () => {
    @Controller()
    class Second {
      @HandleCommand(Do)
      again(): AnswerTo<typeof Do> {
        return saying('never');
      }
    }
    expect((await refusal(Handlers, Second)).message).toContain(
      `a has two handlers for ${Do.type}: Handlers.do and Second.again`,
    );
  });
});

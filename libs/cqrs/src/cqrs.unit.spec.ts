import { Test } from '@nestjs/testing';
import { CodedError } from '@seam/kernel';
import {
  Command,
  CommandBus,
  CommandHandler,
  CqrsModule,
  type ICommandHandler,
  Query,
  QueryBus,
  QueryHandler,
} from './index.js';

class Refused extends Command<string> {}
class Asked extends Query<number> {}
const refusal = new CodedError('conflict', 'THING.TAKEN', 'It is taken');

@CommandHandler(Refused)
class RefusedHandler implements ICommandHandler<Refused> {
  execute(): Promise<string> {
    return Promise.reject(refusal);
  }
}

@QueryHandler(Asked)
class AskedHandler {
  execute(): Promise<number> {
    return Promise.resolve(42);
  }
}

it('passes on what handlers return and throw, unchanged', async () => {
  const module = await Test.createTestingModule({
    imports: [CqrsModule],
    providers: [RefusedHandler, AskedHandler],
  }).compile();
  await module.init();
  await expect(module.get(CommandBus, { strict: false }).execute(new Refused())).rejects.toBe(refusal);
  expect(await module.get(QueryBus, { strict: false }).execute(new Asked())).toBe(42);
  await module.close();
});

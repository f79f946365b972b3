import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { StartError } from '@seam/process';
import { missingProvider } from './missing-provider.js';

abstract class Doors {
  abstract open(): void;
}
const KEYS = Symbol('keys');

/** The error of an application of one module with this provider. */
async function failureOf(inject: unknown[]): Promise<unknown> {
  @Module({ providers: [{ provide: 'porter', inject: inject as [], useFactory: () => 'porter' }] })
  class RoomsModule {}
  const options = { logger: false, abortOnError: false } as const;
  return NestFactory.createApplicationContext(RoomsModule, options).catch((error: unknown) => error);
}

it.each([
  ['a port', Doors, 'Doors'],
  ['a symbol', KEYS, 'keys'],
  ['a name', 'Lifts', 'Lifts'],
])('says where %s is missing, who needs it and what to do', async (_, token, name) => {
  const missing = missingProvider(await failureOf([token]));
  expect(missing).toBeInstanceOf(StartError);
  expect(missing?.message).toBe(
    `RoomsModule lacks an adapter: porter needs ${name}, and nothing provides it there.\n` +
      `Add { provide: ${name}, useClass: … } to the providers of RoomsModule, or import a module that exports ${name}.`,
  );
});

it('keeps the error of Nest for a type that does not exist at runtime, nor any other error', async () => {
  expect(missingProvider(await failureOf([Object]))).toBeUndefined();
  expect(missingProvider(new Error('the database is away'))).toBeUndefined();
});

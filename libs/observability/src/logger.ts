import type { LoggerService } from '@nestjs/common';
import type { JsonLoggerOptions } from './json-logger.js';

/** A logger that writes lines of JSON; its library is loaded with the first one. */
export async function jsonLogger(options: JsonLoggerOptions): Promise<LoggerService> {
  const { makeJsonLogger } = await import('./json-logger.js');
  return makeJsonLogger(options);
}

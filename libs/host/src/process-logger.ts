import { ConsoleLogger, type LogLevel as NestLevel } from '@nestjs/common';
import type { LogLevel } from './settings.js';

const LEVELS: Readonly<Record<LogLevel, NestLevel[]>> = {
  error: ['fatal', 'error'],
  warn: ['fatal', 'error', 'warn'],
  info: ['fatal', 'error', 'warn', 'log'],
  debug: ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'],
};

/** Where the framework tells about each module and route it finds: of interest to nobody but at `debug`. */
const CHATTER = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'NestMicroservice',
  'RouterExplorer',
  'RoutesResolver',
]);

/** Nest's console logger at the level of the settings. */
export class ProcessLogger extends ConsoleLogger {
  constructor(private readonly level: LogLevel) {
    super({ prefix: 'seam', logLevels: LEVELS[level] });
  }

  override log(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    if (this.level !== 'debug' && typeof context === 'string' && CHATTER.has(context)) return;
    super.log(message, ...rest);
  }
}

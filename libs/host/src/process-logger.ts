import { isatty } from 'node:tty';
import { ConsoleLogger, type LoggerService, type LogLevel as NestLevel } from '@nestjs/common';
import { jsonLogger, redact, redactFields } from '@seam/observability';
import type { LogLevel, Settings } from '@seam/process';

export interface ProcessLogger extends LoggerService {
  log(message: unknown, ...rest: unknown[]): void;
  warn(message: unknown, ...rest: unknown[]): void;
  error(message: unknown, ...rest: unknown[]): void;
  fatal(message: unknown, ...rest: unknown[]): void;
}

const LEVELS: Readonly<Record<LogLevel, NestLevel[]>> = {
  error: ['fatal', 'error'],
  warn: ['fatal', 'error', 'warn'],
  info: ['fatal', 'error', 'warn', 'log'],
  debug: ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'],
};

/** Log contexts in which the framework lists modules and routes: shown at `debug` only. */
const CHATTER = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'NestMicroservice',
  'RouterExplorer',
  'RoutesResolver',
]);

/**
 * The log of a process, at the level of the settings: for people, or as lines of JSON. Both redact secrets, and escape
 * line breaks, so that a logged text cannot look like another line.
 * @param service the process' name in lines of JSON
 */
export async function processLogger(
  { logFormat, logLevel }: Pick<Settings, 'logFormat' | 'logLevel'>,
  service: string,
): Promise<ProcessLogger> {
  const logger =
    logFormat === 'json'
      ? ((await jsonLogger({ level: logLevel, service })) as ProcessLogger)
      : new ReadableLogger({ prefix: 'seam', logLevels: LEVELS[logLevel], colors: hasColors() });
  return logLevel === 'debug' ? logger : withoutChatter(logger);
}

/** Colours only on a terminal: a log file with colour codes would be hard to search. */
const hasColors = (): boolean => isatty(1) && process.stdout.hasColors();

/** The context in which the framework logs errors that it also throws: not logged twice. */
const ALSO_THROWN = new Set(['ExceptionHandler']);

function withoutChatter(logger: ProcessLogger): ProcessLogger {
  for (const [level, contexts] of [['log', CHATTER] as const, ['error', ALSO_THROWN] as const]) {
    const write = logger[level].bind(logger);
    logger[level] = (message: unknown, ...rest: unknown[]): void => {
      const context = rest.at(-1);
      if (typeof context !== 'string' || !contexts.has(context)) write(message, ...rest);
    };
  }
  return logger;
}

/** Nest's console logger, a line per message; the lines of a stack are indented, unlike those that begin a message. */
class ReadableLogger extends ConsoleLogger {
  protected override stringifyMessage(message: unknown, level: NestLevel): string {
    if (typeof message === 'string') return super.stringifyMessage(oneLine(redact(message)), level);
    if (message instanceof Error) return indented(redact(message.stack ?? message.message));
    // Texts inside it are escaped when it is printed.
    return super.stringifyMessage(redactFields({ message })['message'], level);
  }

  protected override printStackTrace(stack: string): void {
    // Its type does not say that it may be undefined.
    if (stack as string | undefined) super.printStackTrace(`    ${indented(redact(stack))}`);
  }
}

const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/g;

/** Control characters escaped as in JSON, so that they neither end the line nor control the terminal. */
const oneLine = (text: string): string =>
  text
    .replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll('\\u000a', '\\n')
    .replaceAll('\\u000d', '\\r');

const indented = (text: string): string =>
  text
    .split(/\r\n|[\r\n\u2028\u2029]/)
    .map(oneLine)
    .join('\n    ');

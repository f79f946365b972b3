import { currentTrace } from '@seam/kernel';
import { Logger, PinoLogger } from 'nestjs-pino';
import { type DestinationStream, type LevelWithSilent, pino, stdTimeFunctions } from 'pino';
import { redact } from './redact.js';
import { redactFields } from './redact-fields.js';

export interface JsonLoggerOptions {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  /** The process' name: the service, or `seam` for many. */
  readonly service: string;
  /** Default: standard output, written before the call returns. */
  readonly destination?: DestinationStream;
}

/**
 * Nest's logger as lines of JSON: `level`, `time` (ISO 8601), `service`, `context`, `msg`, and `traceId` and
 * `correlationId` of the current message. Secrets are removed by {@link redact}, and line breaks are escaped.
 */
export function makeJsonLogger({ level, service, destination }: JsonLoggerOptions): Logger {
  const root = pino(
    {
      level: (level === 'debug' ? 'trace' : level) satisfies LevelWithSilent,
      base: { service, pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      mixin: tracesOf,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: unknown) => error },
      hooks: {
        logMethod(args, method) {
          method.apply(this, args.map(withoutSecrets) as typeof args);
        },
      },
    },
    destination ?? pino.destination({ fd: 1, sync: true }),
  );
  // Errors are serialised above: pino-http's serializer must leave them unchanged.
  const pinoHttp = { logger: root, customAttributeKeys: { err: 'requestError' } };
  return new Logger(new PinoLogger({ pinoHttp }), {});
}

function withoutSecrets(logged: unknown): unknown {
  if (typeof logged === 'string') return redact(logged);
  return typeof logged === 'object' && logged !== null ? redactFields(logged as Record<string, unknown>) : logged;
}

function tracesOf(): object {
  const current = currentTrace();
  if (current === undefined) return {};
  const { traceId, correlationId } = current;
  return correlationId === undefined ? { traceId } : { traceId, correlationId };
}

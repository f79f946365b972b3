import type { LoggerService } from '@nestjs/common';
import type { DiagLogger } from '@opentelemetry/api';

const ONCE_IN_MS = 60_000;

/**
 * What OpenTelemetry says about itself, in the process' log: the same thing once a minute at most, as a collector that
 * is away is told of with every batch of spans.
 */
export class SparingDiagnostics implements DiagLogger {
  readonly #said = new Map<string, number>();

  constructor(
    private readonly log: Pick<LoggerService, 'warn'>,
    private readonly now: () => number = Date.now,
  ) {}

  error(message: string): void {
    this.#say(message);
  }

  warn(message: string): void {
    this.#say(message);
  }

  info(): void {
    // Not for operators.
  }

  debug(): void {
    // Not for operators.
  }

  verbose(): void {
    // Not for operators.
  }

  #say(message: string): void {
    const text = shortened(message);
    const last = this.#said.get(text);
    if (last !== undefined && this.now() - last < ONCE_IN_MS) return;
    if (this.#said.size > 100) this.#said.clear();
    this.#said.set(text, this.now());
    this.log.warn(text);
  }
}

/** Errors come as JSON with a stack; their message will do. */
function shortened(message: string): string {
  try {
    const parsed = JSON.parse(message) as { message?: unknown; code?: unknown } | null;
    if (typeof parsed?.message === 'string') return `traces are not sent: ${parsed.message || String(parsed.code)}`;
  } catch {
    // It is a text.
  }
  return message.slice(0, 500);
}

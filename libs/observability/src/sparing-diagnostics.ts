import type { LoggerService } from '@nestjs/common';
import type { DiagLogger } from '@opentelemetry/api';
import { LRUCache } from 'lru-cache';

const ONCE_IN_MS = 60_000;
/** Different texts remembered at most. */
const MOST = 100;

/**
 * Writes OpenTelemetry's own messages to the process' log: the same one at most once a minute, because an unreachable
 * collector is reported with every batch of spans.
 */
export class SparingDiagnostics implements DiagLogger {
  readonly #said: LRUCache<string, true>;

  constructor(
    private readonly log: Pick<LoggerService, 'warn'>,
    now: () => number = Date.now,
  ) {
    this.#said = new LRUCache({ max: MOST, ttl: ONCE_IN_MS, ttlResolution: 0, perf: { now } });
  }

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
    if (this.#said.has(text)) return;
    this.#said.set(text, true);
    this.log.warn(text);
  }
}

/** Errors arrive as JSON with a stack; only their message is logged. */
function shortened(message: string): string {
  try {
    const parsed = JSON.parse(message) as { message?: unknown; code?: unknown } | null;
    if (typeof parsed?.message === 'string') return `traces are not sent: ${parsed.message || String(parsed.code)}`;
  } catch {
    // It is plain text.
  }
  return message.slice(0, 500);
}

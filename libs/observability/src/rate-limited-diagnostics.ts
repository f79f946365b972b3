import type { LoggerService } from '@nestjs/common';
import type { DiagLogger } from '@opentelemetry/api';
import { LRUCache } from 'lru-cache';

const INTERVAL_MS = 60_000;
/** Different texts remembered at most. */
const MAX = 100;

/**
 * Writes OpenTelemetry's own messages to the process' log: the same one at most once a minute, because an unreachable
 * collector is reported with every batch of spans.
 */
export class RateLimitedDiagnostics implements DiagLogger {
  readonly #recent: LRUCache<string, true>;

  constructor(
    private readonly log: Pick<LoggerService, 'warn'>,
    now: () => number = Date.now,
  ) {
    this.#recent = new LRUCache({ max: MAX, ttl: INTERVAL_MS, ttlResolution: 0, perf: { now } });
  }

  error(message: string): void {
    this.#warn(message);
  }

  warn(message: string): void {
    this.#warn(message);
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

  #warn(message: string): void {
    const text = shortened(message);
    if (this.#recent.has(text)) return;
    this.#recent.set(text, true);
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

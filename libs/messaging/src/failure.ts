import { CodedError } from '@seam/kernel';
import { z } from 'zod';

/** One failed attempt to handle or send a message. */
export interface FailedAttempt {
  /** 1 is the first; counted on after a redrive. */
  readonly attempt: number;
  /** ISO 8601 UTC */
  readonly at: string;
  /** What happened, cut off after {@link LONGEST_ERROR} characters. */
  readonly error: string;
  /** The code of a `CodedError`. */
  readonly code?: string;
}

const FailedAttempt = z.object({
  attempt: z.int(),
  at: z.string(),
  error: z.string(),
  code: z.string().optional(),
}) as z.ZodType<FailedAttempt>;

const LONGEST_ERROR = 300;
const LONGEST_FAILURE = 200;
/** How many attempts of a message are kept: the first one and the latest ones. */
export const ATTEMPTS_KEPT = 20;

/** Without unpaired surrogates, such as one that was cut off from its pair. */
export const wellFormed = (text: string): string => Buffer.from(text).toString();

export function failedAttempt(attempt: number, error: unknown, reason: string): FailedAttempt {
  const code = error instanceof CodedError ? { code: error.code } : {};
  return { attempt, at: new Date().toISOString(), error: wellFormed(reason.slice(0, LONGEST_ERROR)), ...code };
}

/** The first attempt and the latest ones, so that a message that is tried for hours stays small. */
export const boundedAttempts = (attempts: readonly FailedAttempt[], most = ATTEMPTS_KEPT): readonly FailedAttempt[] =>
  attempts.length <= most ? attempts : [...attempts.slice(0, 1), ...attempts.slice(1 - most)];

/** Attempts as JSON texts, one each: every engine can store and append these unchanged. */
export const attemptsAsText = (attempts: readonly FailedAttempt[]): string[] => attempts.map((a) => JSON.stringify(a));

/** Stored attempts; those that cannot be read, as from another version, are left out. */
export const attemptsIn = (texts: readonly string[] = []): readonly FailedAttempt[] => texts.flatMap(attemptIn);

function attemptIn(text: string): readonly FailedAttempt[] {
  try {
    const parsed = FailedAttempt.safeParse(JSON.parse(text));
    return parsed.success ? [parsed.data] : [];
  } catch {
    return [];
  }
}

const VARIABLE =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+Z?|\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b|\d+(?:\.\d+)*/gi;

/**
 * What dead letters of one cause have in common: the error's code; without one its reason, in which ids, times and numbers
 * are replaced by `#`.
 */
export const failureOf = (reason: string, code?: string): string =>
  code ?? wellFormed(reason.slice(0, 1_000).replace(/\s+/g, ' ').replace(VARIABLE, '#').slice(0, LONGEST_FAILURE));

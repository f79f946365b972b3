import { redact } from './redact.js';

const SECRET_NAME = /password|passwd|secret|token|authorization|cookie|api[_-]?key|e-?mail/i;
const DEEPEST = 6;

/** The content of a log line, as plain data without secrets, which are recognised by field names and text patterns. */
export const redactFields = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, field(name, value, 0)]));

function field(name: string, value: unknown, depth: number): unknown {
  return SECRET_NAME.test(name) && value !== undefined && value !== null ? '[redacted]' : plain(value, depth);
}

function plain(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'bigint') return redact(value.toString());
  if (typeof value === 'number') return number(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return '…';
  if (value instanceof Date) return value;
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  if (value instanceof Error) return error(value, depth);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, field(name, inner, depth + 1)]));
}

function number(value: number): number | string {
  const text = String(value);
  const clean = redact(text);
  return clean === text ? value : clean;
}

/** The fields of an error are left out, except its code: drivers put whole rows there. */
function error(error: Error & { code?: unknown }, depth: number): object {
  const { name, message, stack, code, cause } = error;
  return {
    type: name,
    message: redact(message),
    ...(stack === undefined ? {} : { stack: redact(stack) }),
    ...(typeof code === 'string' ? { code } : {}),
    ...(cause === undefined ? {} : { cause: plain(cause, depth + 1) }),
  };
}

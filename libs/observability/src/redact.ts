import { withoutLoggedCardNumbers } from '@seam/kernel';

/** Patterns of secrets that must not be in a log or a trace, and their replacements. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '[token]'],
  [/\b(bearer|basic)\s+[\w~+/.=-]{4,}/gi, '$1 [redacted]'],
  [/\btok_\w+/g, 'tok_[redacted]'],
  // A value named as one, in JSON, in a query or in a line of settings.
  [
    /((?:password|passwd|secret|authorization|cookie|(?:access|refresh|id)[_-]?token|api[_-]?key)["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s,;&}"']+)/gi,
    '$1[redacted]',
  ],
  [/([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@]{1,300}@/gi, '$1[redacted]@'],
  [/[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+/gi, '[e-mail]'],
];

/** The text without card tokens and numbers, passwords, access tokens, credentials in URLs and e-mail addresses. */
export function redact(text: string): string {
  let clean = withoutLoggedCardNumbers(text);
  for (const [pattern, instead] of SECRETS) clean = clean.replace(pattern, instead);
  return clean;
}

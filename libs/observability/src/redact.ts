/** What must not be read in a log or a trace, and what stands there instead. */
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

/** 14 to 19 digits, in groups or not. */
const CARD = /\b(?:\d[ -]?){13,18}\d\b/g;

/** The text without card tokens and numbers, passwords, access tokens, credentials in URLs and e-mail addresses. */
export function redact(text: string): string {
  let clean = text.replace(CARD, (digits) => (isCard(digits) ? '[card]' : digits));
  for (const [pattern, instead] of SECRETS) clean = clean.replace(pattern, instead);
  return clean;
}

/** By the check digit of ISO/IEC 7812-1 (Luhn): other long numbers stay readable. */
function isCard(text: string): boolean {
  const digits = text.replace(/\D/g, '').split('').reverse().map(Number);
  const sum = digits.reduce((total, digit, index) => {
    const doubled = index % 2 === 0 ? digit : digit * 2;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}

import { domainToASCII, domainToUnicode } from 'node:url';
import { text } from './text.js';

/**
 * Octets of an address, of the part before the `@` and of the domain as DNS has it (RFC 5321, 4.5.3.1 and erratum
 * 1690).
 */
const MAX_OCTETS = 254;
const MAX_LOCAL_OCTETS = 64;
const MAX_DOMAIN_OCTETS = 253;

/** A dot-atom: ASCII's `atext` (RFC 5322, 3.2.3), and letters, marks and digits of any script (RFC 6531). */
const LOCAL = /^[\w!#$%&'*+/=?^`{|}~\p{L}\p{M}\p{N}-]+(?:\.[\w!#$%&'*+/=?^`{|}~\p{L}\p{M}\p{N}-]+)*$/u;
/** What may be in a domain before it is put into ASCII: nothing that a URL parser would interpret differently. */
const DOMAIN = /^[\p{L}\p{M}\p{N}.\u3002\uff0e\uff61-]+$/u;
/** Host names of two labels or more, the last of which is not a number: IP addresses are excluded. */
const ASCII_DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

/**
 * One spelling per address, which is what makes `A@b.c` and `a@b.c` the same account: without spaces around it, lower
 * case, NFC, and the domain in Unicode, as its users write it: `ada@xn--bcher-kva.example` is `ada@bücher.example`. A
 * text that is not an address is only trimmed, lower-cased and normalised.
 */
export function normaliseEmail(email: string): string {
  const tidy = email.trim().normalize('NFC').toLowerCase().normalize('NFC');
  const at = tidy.lastIndexOf('@');
  const domain = tidy.slice(at + 1);
  if (at < 0 || !DOMAIN.test(domain)) return tidy;
  const unicode = domainToUnicode(domainToASCII(domain));
  return unicode === '' ? tidy : `${tidy.slice(0, at)}@${unicode}`;
}

/** Whether a normalised text is an e-mail address that a mail server may know. */
function isEmail(email: string): boolean {
  const at = email.lastIndexOf('@');
  const [local, domain] = [email.slice(0, at), email.slice(at + 1)];
  if (at < 0 || !LOCAL.test(local) || !DOMAIN.test(domain)) return false;
  const ascii = domainToASCII(domain);
  return (
    ASCII_DOMAIN.test(ascii) &&
    ascii.length <= MAX_DOMAIN_OCTETS &&
    Buffer.byteLength(local) <= MAX_LOCAL_OCTETS &&
    Buffer.byteLength(local) + 1 + ascii.length <= MAX_OCTETS
  );
}

/** An e-mail address from outside, normalised before it is checked, so that spaces around it are accepted. */
export const Email = text({ max: MAX_OCTETS })
  .transform(normaliseEmail)
  .refine(isEmail, 'must be an e-mail address')
  .meta({ format: 'email' });

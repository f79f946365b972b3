import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { CodedError } from '@seam/kernel';
import type { Request } from 'express';
import { createHash } from 'node:crypto';
import { invalidRequest } from './validation.pipe.js';

/** A strong entity tag (RFC 9110, 8.8.3) of a state, given with everything that tells it from any other. */
export const entityTag = (state: unknown): string =>
  `"${createHash('sha256').update(JSON.stringify(state)).digest('base64url')}"`;

/** What a header names: any state there is, or those of its tags. */
type Named = '*' | readonly string[];

/** Under which condition a request may change something; a header that did not come is undefined. */
export interface Preconditions {
  readonly ifMatch: Named | undefined;
  readonly ifNoneMatch: Named | undefined;
}

const TAG = String.raw`(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const TAGS = new RegExp(String.raw`^[\t ,]*${TAG}(?:[\t ]*,[\t ]*(?:${TAG})?)*[\t ]*$`);

/** Reads one header; its tags are as they came, `W/` included. What is no list of tags is `REQUEST.INVALID`. */
export function namedBy(header: string, value: string | undefined): Named | undefined {
  if (value === undefined) return undefined;
  if (value.trim() === '*') return '*';
  if (TAGS.test(value)) return value.match(new RegExp(TAG, 'g')) ?? [];
  throw invalidRequest([{ path: [header], message: 'must be * or entity tags in quotes, as an ETag gives them' }]);
}

/** The `If-Match` and `If-None-Match` of a request that changes something. */
export const IfState = createParamDecorator((_: unknown, context: ExecutionContext): Preconditions => {
  const { headers } = context.switchToHttp().getRequest<Request>();
  return {
    ifMatch: namedBy('If-Match', headers['if-match']),
    ifNoneMatch: namedBy('If-None-Match', headers['if-none-match']),
  };
});

/**
 * Refuses with `REQUEST.PRECONDITION_FAILED` what is asked for on another state than the current one (RFC 9110, 13.1):
 * call it where nothing can come between this look and the change.
 * @param current the strong tag of what is there; undefined: there is nothing
 */
export function checkPreconditions({ ifMatch, ifNoneMatch }: Preconditions, current: string | undefined): void {
  const matches = (named: Named): boolean => current !== undefined && (named === '*' || named.includes(current));
  if (ifMatch !== undefined && !matches(ifMatch)) {
    throw failed(
      current === undefined
        ? 'The resource does not exist, so nothing can match'
        : 'The resource has changed: read it again',
    );
  }
  // Weak tags count here: a state that is as good as the current one is not to be replaced either.
  const strong = ifNoneMatch === '*' ? '*' : ifNoneMatch?.map((tag) => tag.replace(/^W\//, ''));
  if (strong !== undefined && matches(strong)) throw failed('The resource exists already');
}

const failed = (detail: string): CodedError =>
  new CodedError('precondition-failed', 'REQUEST.PRECONDITION_FAILED', detail);

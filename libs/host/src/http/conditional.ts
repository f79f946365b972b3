import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { CodedError } from '@seam/kernel';
import type { Request } from 'express';
import { createHash } from 'node:crypto';
import { invalidRequest } from './validation.pipe.js';

/** A strong entity tag (RFC 9110, 8.8.3) of a state, computed from everything in which states can differ. */
export const entityTag = (state: unknown): string =>
  `"${createHash('sha256').update(JSON.stringify(state)).digest('base64url')}"`;

/** The states that a header names: any existing state, or those of its tags. */
type Named = '*' | readonly string[];

/** The conditions of a request that changes something; a missing header is undefined. */
export interface Preconditions {
  readonly ifMatch: Named | undefined;
  readonly ifNoneMatch: Named | undefined;
}

const TAG = String.raw`(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const TAGS = new RegExp(String.raw`^[\t ,]*${TAG}(?:[\t ]*,[\t ]*(?:${TAG})?)*[\t ]*$`);

/** Parses one header; its tags are unchanged, including `W/`. A header that is not a list of tags is `REQUEST.INVALID`. */
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
 * Refuses with `REQUEST.PRECONDITION_FAILED` a request for another state than the current one (RFC 9110, 13.1): call it
 * where no other change can happen between this check and the change.
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
  // Weak tags count here: a state that is equivalent to the current one must not be replaced either.
  const strong = ifNoneMatch === '*' ? '*' : ifNoneMatch?.map((tag) => tag.replace(/^W\//, ''));
  if (strong !== undefined && matches(strong)) throw failed('The resource exists already');
}

const failed = (detail: string): CodedError =>
  new CodedError('precondition-failed', 'REQUEST.PRECONDITION_FAILED', detail);

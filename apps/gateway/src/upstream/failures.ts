import { CodedError } from '@seam/kernel';
import { RetryLaterError } from '@seam/host';
import type { Refusal } from '@seam/resilience';

/** Instances are checked again so soon that one second is a good default. */
const SOON_S = 1;

export const away = (service: string): CodedError =>
  new RetryLaterError(
    'GATEWAY.SERVICE_AWAY',
    `The service ${service} is not available at the moment`,
    SOON_S,
    'unavailable',
  );

export const refused = (service: string, refusal: Refusal, retryAfterSeconds: number): CodedError =>
  refusal === 'breaker-open'
    ? new RetryLaterError(
        'GATEWAY.BREAKER_OPEN',
        `The service ${service} has failed too often: no requests are sent to it for a moment`,
        retryAfterSeconds,
        'unavailable',
      )
    : new RetryLaterError(
        'GATEWAY.OVERLOADED',
        `The service ${service} has reached its limit of concurrent requests`,
        SOON_S,
        'unavailable',
      );

export const tookTooLong = (service: string): CodedError =>
  new CodedError('timed-out', 'GATEWAY.TIMEOUT', `The service ${service} did not answer in time`);

/**
 * It is unknown whether the request was executed; the text says so, so that clients repeat it with the same
 * `Idempotency-Key`.
 */
export const lost = (service: string): CodedError =>
  new CodedError(
    'bad-answer',
    'GATEWAY.NO_ANSWER',
    `The service ${service} closed the connection before it answered; the request may have been executed`,
  );

export const malformed = (): CodedError =>
  new CodedError('invalid', 'REQUEST.MALFORMED', 'The request cannot be forwarded in this form');

export const tooLarge = (limit: number): CodedError =>
  new CodedError('too-large', 'REQUEST.BODY_TOO_LARGE', `The body has more than ${limit} bytes`);

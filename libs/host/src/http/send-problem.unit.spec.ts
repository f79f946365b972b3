import { StoreAwayError } from '@seam/persistence';
import type { ServerResponse } from 'node:http';
import { problemOf } from './problem.js';
import { RetryLaterError } from './retry-later-error.js';
import { sendProblem } from './send-problem.js';

/** The answer to an error: the status, the code, and `Retry-After`. */
function answerTo(error: unknown): [number, string, string | undefined] {
  const headers = new Map<string, string>();
  const response = {
    headersSent: false,
    statusCode: 0,
    setHeader: (name: string, value: string) => headers.set(name.toLowerCase(), value),
    end: () => undefined,
  };
  const problem = problemOf(error, { traceId: 'a', instance: '/api/orders' });
  sendProblem(problem, error, response as unknown as ServerResponse);
  return [response.statusCode, problem.code, headers.get('retry-after')];
}

describe('an error', () => {
  it('that a database is not available has its own code and `Retry-After`, however it was wrapped', () => {
    const away = new StoreAwayError(new Error('connect ECONNREFUSED'));
    const expected = [503, 'STORE.UNAVAILABLE', '2'];
    expect(answerTo(away)).toEqual(expected);
    expect(answerTo(new Error('the handler broke off', { cause: away }))).toEqual(expected);
    expect(answerTo(Object.assign(new Error('QueryFailedError'), { driverError: away }))).toEqual(expected);
  });

  it('with its own time until a retry has that as `Retry-After`', () => {
    expect(answerTo(new RetryLaterError('ANY', 'later', 7, 'unavailable'))).toEqual([503, 'ANY', '7']);
  });

  it('of another kind has no `Retry-After`', () => {
    expect(answerTo(new Error('broken'))).toEqual([500, 'INTERNAL', undefined]);
  });
});

import { BadRequestException, HttpException, NotFoundException, ServiceUnavailableException } from '@nestjs/common';
import { CodedError, type ErrorKind } from '@seam/kernel';
import { problemOf } from './problem.js';

const context = { traceId: 'trace', instance: '/api/things' };

it.each<[ErrorKind, number]>([
  ['invalid', 400],
  ['unauthenticated', 401],
  ['forbidden', 403],
  ['not-found', 404],
  ['conflict', 409],
  ['unprocessable', 422],
  ['too-large', 413],
  ['too-many', 429],
  ['unavailable', 503],
  ['bad-answer', 502],
  ['timed-out', 504],
])('answers an error of kind %s with %i', (kind, status) => {
  expect(problemOf(new CodedError(kind, 'THING.CODE', 'What happened'), context)).toMatchObject({
    type: 'about:blank',
    status,
    code: 'THING.CODE',
    detail: 'What happened',
    ...context,
  });
});

it('lists the invalid fields of a request', () => {
  const errors = [{ path: 'items.0.sku', message: 'is missing' }];
  expect(problemOf(new CodedError('invalid', 'REQUEST.INVALID', 'x', errors), context).errors).toEqual(errors);
});

it.each<[HttpException, number, string]>([
  [new NotFoundException('Cannot GET /x?token=secret'), 404, 'REQUEST.NOT_FOUND'],
  [new HttpException('request entity too large', 413), 413, 'REQUEST.BODY_TOO_LARGE'],
  [new BadRequestException('x', { cause: { type: 'entity.parse.failed' } }), 400, 'REQUEST.MALFORMED_JSON'],
  [new BadRequestException('x'), 400, 'REQUEST.MALFORMED'],
  [new HttpException("I'm a teapot", 418), 418, 'REQUEST.REFUSED'],
])('gives what the framework refuses a code: %s', (error, status, code) => {
  const problem = problemOf(error, context);
  expect([problem.status, problem.code]).toEqual([status, code]);
  expect(JSON.stringify(problem)).not.toContain('secret');
});

it.each<[number, object, string]>([
  [413, { type: 'entity.too.large', limit: 1_048_576 }, 'The body is too large: at most 1048576 bytes are accepted'],
  [400, { code: 'Z_DATA_ERROR' }, 'The body does not match its content-encoding'],
])('says in words why it takes no such body: %i', (status, cause, detail) => {
  expect(problemOf(new HttpException('incorrect header check', status, { cause }), context).detail).toBe(detail);
});

it.each([new Error('secret'), new ServiceUnavailableException('secret'), 'secret', undefined])(
  'keeps the text of %s to itself',
  (error) => {
    const problem = problemOf(error, context);
    expect([problem.status, problem.code]).toEqual([500, 'INTERNAL']);
    expect(JSON.stringify(problem)).not.toContain('secret');
  },
);

import { CodedError } from '@seam/kernel';
import { CommitOutcomeUnknownError } from '@seam/persistence/postgres';
import { StoreAwayError } from '@seam/persistence';
import pg from 'pg';
import { isConflict } from '../errors.js';
import { isDefinite, isDuplicateMark, isRefusal, translateConflict } from './errors.js';

function fromServer(code: string, severity = 'ERROR', constraint?: string): pg.DatabaseError {
  const error = new pg.DatabaseError('the server says', 10, 'error');
  return Object.assign(error, { code, severity, constraint });
}

describe('what an error means for a commit', () => {
  it.each([
    ['a unique violation', fromServer('23505')],
    ['an error in the language of the server', fromServer('23505', 'FEHLER')],
    ['a statement that took too long, which must not block others', new StoreAwayError(fromServer('57014'))],
    ['a work’s own error', new Error('the timeout of the socket connection was terminated')],
    ['a coded one', new CodedError('conflict', 'ECONN.ECTED', 'ECONNREFUSED')],
  ])('nothing was written, so it may be tried alone: %s', (_, error) => {
    expect(isDefinite(error)).toBe(true);
  });

  it.each([
    ['an error without a reason', new StoreAwayError()],
    ['a shutdown', new StoreAwayError(fromServer('57P01', 'FATAL'))],
    ['a full disk', new StoreAwayError(fromServer('53100'))],
    ['a socket’s', new StoreAwayError(Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' }))],
    ['a broken commit', new CommitOutcomeUnknownError(new Error('who knows'))],
  ])('the store does not answer: %s', (_, error) => {
    expect(isDefinite(error)).toBe(false);
    expect(isRefusal(error)).toBe(false);
  });

  it('recognises conflicts, and marks that already exist', () => {
    for (const refused of ['23505', '40001', '40P01', 'SE001'].map((code) => fromServer(code))) {
      const conflict = translateConflict(refused);
      expect(isConflict(conflict)).toBe(true);
      expect(conflict).toHaveProperty('cause', refused);
    }
    const check = fromServer('23514');
    expect(translateConflict(check)).toBe(check);
    expect(isDuplicateMark(fromServer('23505', 'ERROR', 'inbox_pkey'))).toBe(true);
    expect(isDuplicateMark(fromServer('23505', 'ERROR', 'events_pkey'))).toBe(false);
  });
});

import { CodedError } from '@seam/kernel';
import pg from 'pg';
import { isPostgresAway } from './postgres-away.js';

function fromServer(code: string, severity = 'ERROR'): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError('the server says', 10, 'error'), { code, severity });
}

describe('whether PostgreSQL is unavailable', () => {
  it.each([
    ['a shutdown', fromServer('57P01', 'FATAL')],
    ['an error in the language of the server', fromServer('57P01', 'KATASTROPHAL')],
    ['a start, or a recovery', fromServer('57P03', 'FATAL')],
    ['too many connections', fromServer('53300', 'FATAL')],
    ['a full disk', fromServer('53100')],
    ['no memory', fromServer('53200')],
    ['a standby, after a failover', fromServer('25006')],
    ['a connection of its own that is lost', fromServer('08006')],
    ['a statement that took too long', fromServer('57014')],
    ['a lock that was not obtained in time', fromServer('55P03')],
    ['a transaction that was idle for too long', fromServer('25P03', 'FATAL')],
    ['a disk that cannot be read', fromServer('58030')],
    ['a password that was changed', fromServer('28P01', 'FATAL')],
    ['pg’s own', new Error('Connection terminated unexpectedly')],
    ['a pool’s', new Error('timeout exceeded when trying to connect')],
    ['a closed client', new Error('Client has encountered a connection error and is not queryable')],
    ['a socket’s', Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' })],
    ['a name that is not found', Object.assign(new Error('getaddrinfo'), { code: 'EAI_AGAIN' })],
  ])('it is: %s', (_, error) => {
    expect(isPostgresAway(error)).toBe(true);
  });

  it.each([
    ['a unique violation', fromServer('23505')],
    ['a conflict', fromServer('40001')],
    ['a mistake in a statement', fromServer('42601')],
    ['a parameter that is missing', fromServer('08P01')],
    ['a failed transaction', fromServer('25P02')],
    ['an error of the caller', new Error('the timeout of the socket connection was terminated')],
    ['a coded one', new CodedError('conflict', 'ECONN.ECTED', 'ECONNREFUSED')],
  ])('it is not: %s', (_, error) => {
    expect(isPostgresAway(error)).toBe(false);
  });
});

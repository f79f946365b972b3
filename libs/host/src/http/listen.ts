import type { Server } from 'node:http';
import { connect, createServer } from 'node:net';
import { StartError } from '@seam/process';
import { openListeners } from './listeners.js';

/** Listens on every interface; returns the address as a URL for this machine. Rejects {@link StartError} if the port is in use. */
export async function listen(server: Server, port: number): Promise<string> {
  try {
    return `http://localhost:${await openListeners(server, port)}`;
  } catch (error) {
    throw refusalBy((error as NodeJS.ErrnoException).code, port) ?? error;
  }
}

/** A loopback address of every Linux machine that no client uses. */
const UNUSED = '127.255.255.254';
const ANSWER_WITHIN_MS = 1_000;

/**
 * Detects a port in use before anything else has started. It listens on an address that no client uses: a client that
 * connected just then would be reset, instead of waiting or being refused.
 */
export async function checkPort(port: number): Promise<void> {
  if (port === 0) return;
  const refusal = refusalBy((await answers(port)) ? 'EADDRINUSE' : await listenCode(port), port);
  if (refusal !== undefined) throw refusal;
}

/** Whether something listens on the loopback address; one that does not even refuse a connection has a full backlog. */
const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: 'localhost' });
    const end = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
    socket.setTimeout(ANSWER_WITHIN_MS, () => end(true));
  });

/** Why the port cannot be used on every address, or by this user. */
const listenCode = (port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
    probe.listen(port, UNUSED, () => probe.close(() => resolve(undefined)));
  });

function refusalBy(code: string | undefined, port: number): StartError | undefined {
  const advice = 'choose another with PORT=<number>';
  if (code === 'EADDRINUSE')
    return new StartError(`PORT ${port} is in use: stop the process that listens there, or ${advice}`);
  if (code === 'EACCES') return new StartError(`This user may not use PORT ${port}: ${advice}`);
  return undefined;
}

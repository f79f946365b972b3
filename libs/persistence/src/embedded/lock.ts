import { createHash } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataDirectoryInUseError } from './errors.js';

/** Held until it is released or this process ends in any way. */
export interface DirectoryLock {
  release(): Promise<void>;
}

/**
 * Takes the only lock of a directory (its real path), or throws `DataDirectoryInUseError` at once. The lock is a
 * listening socket, because the system closes it with the process: on Linux a name in the abstract namespace, on
 * Windows a named pipe, elsewhere a socket file, where connecting shows whether the file's owner is dead. The lock
 * sends its owner's pid to each process that connects. It is valid on one machine (on Linux: in one network namespace).
 */
export async function lockDirectory(directory: string, address = lockAddress(directory)): Promise<DirectoryLock> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const server = await listen(address);
    if (server) return { release: () => close(server) };
    const owner = await askOwner(address);
    if (owner.alive) throw new DataDirectoryInUseError(directory, owner.pid);
    if (isFile(address)) await removeStale(address, directory);
  }
  throw new DataDirectoryInUseError(directory, undefined);
}

export function lockAddress(directory: string, system: string = platform()): string {
  const key = system === 'win32' ? directory.toLowerCase() : directory;
  const name = `seam-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
  if (system === 'linux') return `\0${name}`;
  return system === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
}

const isFile = (address: string): boolean => !address.startsWith('\0') && !address.startsWith('\\\\');

function listen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(`${process.pid}\n`);
    });
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || (error.code === 'EACCES' && platform() === 'win32')) resolve(undefined);
      else reject(error);
    });
    // The lock must not keep a process alive that has nothing else to do.
    server.listen(address, () => resolve(server.unref()));
  });
}

function askOwner(address: string): Promise<{ alive: boolean; pid?: number }> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(address);
    // A connection that the system accepts proves that the owner is alive, even if it does not answer.
    socket.setTimeout(1_000, () => socket.destroy(new Error('no answer')));
    let connected = false;
    socket.on('connect', () => (connected = true));
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      const pid = Number.parseInt(answer, 10);
      resolve(Number.isInteger(pid) ? { alive: true, pid } : { alive: connected });
    });
  });
}

/** Moves the dead owner's file away. Moves it back if, in between, a running process has taken the address. */
async function removeStale(address: string, directory: string): Promise<void> {
  const aside = `${address}.${process.pid}`;
  try {
    await rename(address, aside);
  } catch {
    return; // Another start removed it first; the next attempt to listen decides.
  }
  const owner = await askOwner(aside);
  if (owner.alive) {
    await rename(aside, address);
    throw new DataDirectoryInUseError(directory, owner.pid);
  }
  await rm(aside, { force: true });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

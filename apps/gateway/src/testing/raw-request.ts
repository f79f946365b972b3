import { connect } from 'node:net';

/** Longer than usual, because a busy machine may take some time to begin. */
const FIRST_WORD_MS = 5_000;

/**
 * Sends these bytes unchanged to a server, and returns everything it answers until it closes the connection or is
 * silent for a while.
 */
export function raw(url: string, bytes: string, quietMs = 400): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname === 'localhost' ? '127.0.0.1' : hostname);
    socket.setTimeout(FIRST_WORD_MS, () => socket.destroy());
    socket.on('connect', () => socket.write(bytes, 'latin1'));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      socket.setTimeout(quietMs);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
    socket.on('close', () => resolve(answer));
  });
}

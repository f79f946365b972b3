import { type AddressInfo, createServer, type Server } from 'node:net';
import { StartError } from '../start-error.js';

/** Listens on every interface; gives the address as a URL for this machine. Rejects {@link StartError} for a taken port. */
export function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      reject(explain(error, port));
    };
    server.once('error', failed);
    server.listen(port, () => {
      server.off('error', failed);
      resolve(`http://localhost:${(server.address() as AddressInfo).port}`);
    });
  });
}

/** Finds a taken port before anything else has started. */
export async function checkPort(port: number): Promise<void> {
  const probe = createServer();
  await listen(probe, port);
  await new Promise((closed) => probe.close(closed));
}

function explain(error: NodeJS.ErrnoException, port: number): Error {
  const remedy = 'choose another with PORT=<number>';
  if (error.code === 'EADDRINUSE')
    return new StartError(`PORT ${port} is taken: stop what listens there, or ${remedy}`);
  if (error.code === 'EACCES') return new StartError(`PORT ${port} may not be used by this user: ${remedy}`);
  return error;
}

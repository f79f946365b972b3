import type { NextFunction, Request, Response } from 'express';
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const LOOK_EVERY_MS = 50;
/** How long a request whose headers are on their way may take to arrive once the server closes. */
const HEADERS_GRACE_MS = 1_000;

/** The requests a server is answering, and its connections. */
export class InFlight {
  private readonly responses = new Set<ServerResponse>();
  private readonly sockets = new Set<Socket>();
  private closing = false;

  get count(): number {
    return this.responses.size;
  }

  /** Call before the server listens. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  readonly middleware = (_request: Request, response: Response, next: NextFunction): void => {
    this.add(response);
    next();
  };

  /** Counts a request until its answer has ended, however it does. */
  add(response: ServerResponse): void {
    this.responses.add(response);
    response.once('close', () => this.responses.delete(response));
    if (this.closing) response.setHeader('Connection', 'close');
  }

  /** Takes no more connections, closes the idle ones, and resolves when every request under way has its answer. */
  async stop(server: Server): Promise<void> {
    this.closing = true;
    for (const response of this.responses) {
      if (!response.headersSent) response.setHeader('Connection', 'close');
    }
    if (!server.listening) return;
    const started = performance.now();
    const closed = new Promise((resolve) => server.close(resolve));
    const hurry = (): void => this.closeIdle(server, performance.now() - started > HEADERS_GRACE_MS);
    hurry();
    const looking = setInterval(hurry, LOOK_EVERY_MS);
    await closed;
    clearInterval(looking);
  }

  /** The server's own idea of idle leaves out connections that never sent anything, as browsers open in advance. */
  private closeIdle(server: Server, late: boolean): void {
    server.closeIdleConnections();
    const busy = new Set([...this.responses].map((response) => response.socket));
    for (const socket of this.sockets) {
      if (!busy.has(socket) && (late || socket.bytesRead === 0)) socket.destroy();
    }
  }
}

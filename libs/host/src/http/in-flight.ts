import type { NextFunction, Request, Response } from 'express';
import type { Server } from 'node:http';

const IDLE_CHECK_MS = 50;

/** The requests a server is answering. */
export class InFlight {
  private readonly responses = new Set<Response>();
  private closing = false;

  get count(): number {
    return this.responses.size;
  }

  readonly middleware = (_request: Request, response: Response, next: NextFunction): void => {
    this.responses.add(response);
    response.once('close', () => this.responses.delete(response));
    if (this.closing) response.setHeader('Connection', 'close');
    next();
  };

  /** Takes no more connections, closes the idle ones, and resolves when every request under way has its answer. */
  async stop(server: Server): Promise<void> {
    this.closing = true;
    for (const response of this.responses) {
      if (!response.headersSent) response.setHeader('Connection', 'close');
    }
    if (!server.listening) return;
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
    try {
      await new Promise((resolve) => server.close(resolve));
    } finally {
      clearInterval(idle);
    }
  }
}

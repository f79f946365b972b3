import type { NextFunction, Request, Response } from 'express';
import { LinkedList } from '@seam/kernel';
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { closeListeners } from './close-listeners.js';
import { closed, listenersOf } from './listeners.js';

const CHECK_INTERVAL_MS = 50;
/**
 * How long a request may take to arrive after its connection, when the server closes. A connection that sends nothing for
 * longer was opened in advance.
 */
const ARRIVAL_MS = 1_000;

/** The requests a server is answering, and its connections. */
export class InFlight {
  private readonly responses = new LinkedList<ServerResponse>();
  /** When each was taken. */
  private readonly sockets = new Map<Socket, number>();
  private server: Server | undefined;
  private closing = false;

  get count(): number {
    return this.responses.size;
  }

  /** Call before the server listens. */
  watch(server: Server): void {
    this.server = server;
    server.on('connection', (socket: Socket) => {
      this.sockets.set(socket, performance.now());
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  readonly middleware = (_request: Request, response: Response, next: NextFunction): void => {
    this.add(response);
    next();
  };

  /** Counts a request until its answer has ended in any way. */
  add(response: ServerResponse): void {
    const entry = this.responses.add(response);
    response.once('close', () => this.responses.remove(entry));
    if (this.closing) response.setHeader('Connection', 'close');
  }

  /** Still answers for a while, with `Connection: close`, so that clients send further requests elsewhere. */
  async leave(ms: number): Promise<void> {
    this.announceClose();
    if (ms > 0 && this.server?.listening === true) await new Promise((over) => setTimeout(over, ms));
  }

  /** Accepts no more connections, closes the idle ones, and resolves when every request in progress has its answer. */
  async stop(server: Server): Promise<void> {
    this.announceClose();
    if (!server.listening) return;
    const ended = closed(listenersOf(server));
    await closeListeners(server);
    server.close(); // For the other work of an HTTP server's `close`.
    const started = performance.now();
    const closeNow = (): void => this.closeIdle(server, performance.now() - started > ARRIVAL_MS);
    closeNow();
    const timer = setInterval(closeNow, CHECK_INTERVAL_MS);
    await ended;
    clearInterval(timer);
  }

  private announceClose(): void {
    this.closing = true;
    for (const response of this.responses.values()) {
      if (!response.headersSent) response.setHeader('Connection', 'close');
    }
  }

  /**
   * For the server, connections that never sent anything are not idle; browsers open such connections in advance. A
   * connection that was accepted just now gets a moment, because its request may still arrive.
   */
  private closeIdle(server: Server, late: boolean): void {
    server.closeIdleConnections();
    const busy = new Set(this.responses.values().map((response) => response.socket));
    for (const [socket, since] of this.sockets) {
      const silent = socket.bytesRead === 0 && performance.now() - since > ARRIVAL_MS;
      if (!busy.has(socket) && (late || silent)) socket.destroy();
    }
  }
}

import { ExpressAdapter } from '@nestjs/platform-express';
import { createServer } from 'node:http';

/** Express over a server that closes slow senders: headers within 15 s, the whole request within 30, looked at every 5. */
export class SeamExpressAdapter extends ExpressAdapter {
  override initHttpServer(): void {
    this.httpServer = createServer(
      { headersTimeout: 15_000, requestTimeout: 30_000, keepAliveTimeout: 65_000, connectionsCheckingInterval: 5_000 },
      this.getInstance(),
    );
  }
}

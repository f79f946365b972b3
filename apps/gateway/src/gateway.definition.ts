import type { ServiceDefinition } from '@seam/host';
import { MergedDocument } from './features/documents/merged-document.js';
import { GatewayEdgeHandler } from './edge/gateway-edge-handler.js';
import { GatewayModule } from './gateway.module.js';

/** The common entry to all services. It has no data and no messages of its own, and finds the services by discovery. */
export const gatewayService: ServiceDefinition = {
  name: 'gateway',
  module: GatewayModule,
  needs: [],
  edgeHandler: GatewayEdgeHandler,
  document: MergedDocument,
  messages: false,
};

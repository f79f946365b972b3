import { Injectable } from '@nestjs/common';
import { Metrics } from '@seam/process';
import { Gauge } from 'prom-client';
import { Transport } from '../transport.js';

/** Metrics of the transport between processes; computed when the metrics are read. */
@Injectable()
export class TransportMetrics {
  constructor(transport: Transport, { registry }: Metrics) {
    const gauge = (name: string, help: string, value: () => number): void => {
      const made: Gauge = new Gauge({ name, help, registers: [registry], collect: () => made.set(value()) });
    };
    gauge('seam_transport_up', 'Whether messages can be sent to other processes now', () =>
      transport.state().status === 'up' ? 1 : 0,
    );
    gauge(
      'seam_messages_unroutable',
      'Attempts to send a message that was not routed to any queue: it stays in its sender’s outbox, or becomes a dead letter there',
      () => transport.unroutable,
    );
    gauge(
      'seam_unhosted_limit',
      'How many messages may wait at the broker for a service that was never hosted',
      () => transport.unhostedLimit,
    );
    const unhosted: Gauge<'service'> = new Gauge({
      name: 'seam_unhosted_messages',
      help: 'Messages that wait at the broker for a service that was never hosted',
      labelNames: ['service'],
      registers: [registry],
      collect: () => {
        unhosted.reset();
        for (const [service, count] of transport.unhosted) unhosted.set({ service }, count);
      },
    });
  }
}

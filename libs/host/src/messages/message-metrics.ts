import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Metrics } from '../metrics/metrics.js';
import { HostedMessages, type ServiceMessages } from './hosted-messages.js';

/** How many messages wait or were given up on, per service: asked of the databases only when somebody reads the metrics. */
@Injectable()
export class MessageMetrics implements OnModuleInit {
  private readonly gauges: Readonly<Record<'waiting' | 'oldest' | 'dead', Gauge<'service'>>>;

  constructor(
    private readonly messages: HostedMessages,
    private readonly metrics: Metrics,
  ) {
    const gauge = (name: string, help: string): Gauge<'service'> =>
      new Gauge({ name, help, labelNames: ['service'], registers: [metrics.registry] });
    this.gauges = {
      waiting: gauge('seam_outbox_waiting', 'Messages that the receiver is not known to have yet'),
      oldest: gauge('seam_outbox_oldest_seconds', 'How long the oldest of them has been due'),
      dead: gauge('seam_dead_letters', 'Messages given up on, which an operator may redrive'),
    };
  }

  onModuleInit(): void {
    this.metrics.beforeRead(async () => {
      await Promise.all([...this.messages.all].map(([service, messages]) => this.measure(service, messages)));
    });
  }

  /** A service whose database does not answer is left out: readiness tells about it. */
  private async measure(service: string, { outbox, deadLetters }: ServiceMessages): Promise<void> {
    const { waiting, oldest, dead } = this.gauges;
    try {
      const [lag, count] = await Promise.all([outbox.lag(), deadLetters.count()]);
      waiting.set({ service }, lag.waiting);
      oldest.set({ service }, lag.oldestSeconds);
      dead.set({ service }, count);
    } catch {
      for (const gauge of [waiting, oldest, dead]) gauge.remove({ service });
    }
  }
}

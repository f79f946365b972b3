import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Metrics } from '@seam/process';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { ConsumerObserver } from '../consumer.js';
import { HostedMessages, type ServiceMessages } from './hosted-messages.js';

/**
 * Metrics of message handling, by service: duration and outcome of each message; counts of waiting messages and of dead
 * letters, read from the stores only when the metrics are read.
 */
@Injectable()
export class MessageMetrics implements OnModuleInit {
  private readonly gauges: Readonly<Record<'waiting' | 'oldest' | 'dead', Gauge<'service'>>>;
  private readonly durations: Histogram<'service' | 'type' | 'outcome'>;
  private readonly retries: Counter<'service' | 'type'>;

  constructor(
    private readonly messages: HostedMessages,
    private readonly metrics: Metrics,
  ) {
    const registers = [metrics.registry];
    const gauge = (name: string, help: string): Gauge<'service'> =>
      new Gauge({ name, help, labelNames: ['service'], registers });
    this.gauges = {
      waiting: gauge('seam_outbox_waiting', 'Messages in the outbox: not yet known to have been received'),
      oldest: gauge('seam_outbox_oldest_seconds', 'Age of the oldest message in the outbox that is due'),
      dead: gauge(
        'seam_dead_letters',
        'Dead letters: messages that could not be handled, which an operator may redrive',
      ),
    };
    this.durations = new Histogram({
      name: 'seam_message_duration_seconds',
      help: 'Time from receiving a message to the end of its handling, including retries and the waits between them',
      labelNames: ['service', 'type', 'outcome'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    });
    this.retries = new Counter({
      name: 'seam_message_retries_total',
      help: 'Failed attempts to handle a message that were followed by a retry',
      labelNames: ['service', 'type'],
      registers,
    });
  }

  onModuleInit(): void {
    this.metrics.beforeRead(async () => {
      await Promise.all([...this.messages.all].map(([service, messages]) => this.measure(service, messages)));
    });
  }

  /** The observer for a service's consumer. */
  observerOf(service: string): ConsumerObserver {
    return {
      ended: (type, outcome, seconds) => this.durations.observe({ service, type, outcome }, seconds),
      retried: (type) => this.retries.inc({ service, type }),
    };
  }

  /** A service whose database does not answer is left out: readiness reports it. */
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

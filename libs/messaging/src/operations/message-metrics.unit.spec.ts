import { Metrics } from '@seam/process';
import { HostedMessages } from './hosted-messages.js';
import { MessageMetrics } from './message-metrics.js';

it('counts and times messages by service, type and outcome', async () => {
  const metrics = new Metrics();
  const observer = new MessageMetrics(new HostedMessages(), metrics).observerOf('orders');
  observer.ended('orders.reply.v1', 'done', 0.02);
  observer.ended('orders.reply.v1', 'dead-lettered', 20);
  observer.retried('orders.reply.v1');
  const text = await metrics.text();
  const labels = 'service="orders",type="orders.reply.v1"';
  expect(text).toContain(`seam_message_duration_seconds_bucket{le="0.025",${labels},outcome="done"} 1`);
  expect(text).toContain(`seam_message_duration_seconds_count{${labels},outcome="dead-lettered"} 1`);
  expect(text).toContain(`seam_message_retries_total{${labels}} 1`);
});

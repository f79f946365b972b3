import { Metrics } from '@seam/process';
import type { Transport, TransportState } from '../transport.js';
import { TransportMetrics } from './transport-metrics.js';

it('shows whether the broker accepts messages, and how many were not routed to any queue', async () => {
  let state: TransportState = { status: 'up' };
  const unhosted = new Map([['a', 7]]);
  const parts = { state: () => state, unroutable: 3, unhosted, unhostedLimit: 10 };
  const transport = parts as unknown as Transport;
  const metrics = new Metrics();
  new TransportMetrics(transport, metrics);
  expect(await metrics.text()).toMatch(/seam_transport_up 1\n[^]*seam_messages_unroutable 3\n/);
  state = { status: 'degraded', reason: 'not connected' };
  expect(await metrics.text()).toContain('seam_transport_up 0\n');
  expect(await metrics.text()).toMatch(/seam_unhosted_limit 10\n[^]*seam_unhosted_messages\{service="a"\} 7\n/);
  unhosted.clear();
  expect(await metrics.text()).not.toContain('seam_unhosted_messages{');
});

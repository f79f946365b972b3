import { Metrics } from '@seam/process';
import type { Transport, TransportState } from '../transport.js';
import { TransportMetrics } from './transport-metrics.js';

it('shows whether the broker accepts messages, and how many were not routed to any queue', async () => {
  let state: TransportState = { status: 'up' };
  const transport = { state: () => state, unroutable: 3 } as unknown as Transport;
  const metrics = new Metrics();
  new TransportMetrics(transport, metrics);
  expect(await metrics.text()).toMatch(/seam_transport_up 1\n[^]*seam_messages_unroutable 3\n/);
  state = { status: 'degraded', reason: 'not connected' };
  expect(await metrics.text()).toContain('seam_transport_up 0\n');
});

import type { Api, Answer } from './api.js';
import { eventually } from '@seam/testing';

const ENDED = ['completed', 'compensated', 'parked'];

/** Waits until an order has one of these statuses, and returns the order. */
export const orderIs = (api: Api, id: string, ...statuses: string[]): Promise<any> =>
  eventually(
    async () => {
      const { body } = await api.get(`/api/orders/${id}`);
      if (!statuses.includes(body.status))
        throw new Error(`order ${id} is ${body.status}, not ${statuses.join(' or ')}`);
      return body;
    },
    { withinMs: 20_000 },
  );

/** Waits until a saga has ended, and returns it. */
export const sagaEnds = (staff: Api, id: string, withinMs = 20_000): Promise<any> =>
  eventually(
    async () => {
      const { body } = await staff.get(`/api/sagas/${id}`);
      if (!ENDED.includes(body.state)) throw new Error(`saga ${id} is ${JSON.stringify(body)}`);
      return body;
    },
    { withinMs },
  );

export const stockOf = async (staff: Api, sku: string): Promise<any> => (await staff.get(`/api/inventory/${sku}`)).body;

/** A problem (RFC 9457) with our code, without internal details. */
export function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(answer.body).toMatchObject({ status, code, traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
  expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.ts:|\.js:|select |insert /i);
}

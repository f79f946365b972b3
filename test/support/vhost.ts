import type { Engine } from '@seam/testing/engines';
import { randomUUID } from 'node:crypto';

/** Creates a virtual host on a shared RabbitMQ, so that the caller's queues are separate; returns its URL. */
export async function freshVhost({ url, managementUrl }: Engine): Promise<string> {
  if (managementUrl === undefined) return url;
  const name = `test-${randomUUID()}`;
  const { origin, username, password } = new URL(managementUrl);
  const put = async (path: string, body: object): Promise<void> => {
    const { ok, status } = await fetch(`${origin}/api/${path}`, {
      method: 'PUT',
      headers: {
        authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
    if (!ok) throw new Error(`RabbitMQ's management answered ${status} to ${path}`);
  };
  await put(`vhosts/${name}`, {});
  await put(`permissions/${name}/${username}`, { configure: '.*', write: '.*', read: '.*' });
  return `${url.replace(/\/$/, '')}/${name}`;
}

import { networkInterfaces } from 'node:os';
import type { Settings } from '@seam/process';

/** The URL at which other processes reach this one: from the settings, or its first address and its port. */
export function advertised({ advertiseUrl }: Settings, listening: string): string {
  if (advertiseUrl !== undefined) return advertiseUrl.replace(/\/+$/, '');
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const own = addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
  return `http://${own}:${new URL(listening).port}`;
}

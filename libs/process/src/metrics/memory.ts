import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { Gauge, type Registry } from 'prom-client';

/**
 * The private memory of this process, bytes: resident memory without pages mapped from files, which are Node's program;
 * all processes share one copy of it, and the kernel drops it before it kills a process. Without `/proc`, all resident
 * memory.
 */
export function ownMemory(): number {
  let status: string;
  try {
    status = readFileSync('/proc/self/status', 'utf8');
  } catch {
    return process.memoryUsage.rss();
  }
  const kilobytesOf = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
  return (kilobytesOf('RssAnon') + kilobytesOf('RssShmem')) * 1024;
}

/** The memory limit above which this process is killed, bytes: its container's limit, or the machine's memory. */
export function memoryLimit(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

export function watchMemory(registry: Registry): void {
  new Gauge({
    name: 'seam_memory_bytes',
    help: 'Resident memory of the process, without mapped files',
    registers: [registry],
    collect() {
      this.set(ownMemory());
    },
  });
  new Gauge({
    name: 'seam_memory_limit_bytes',
    help: 'Memory limit of the process: that of its container, or the memory of the machine',
    registers: [registry],
  }).set(memoryLimit());
}

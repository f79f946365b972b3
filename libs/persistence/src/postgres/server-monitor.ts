import { AvailabilityMonitor } from '../availability-monitor.js';
import { isPostgresAway, probePostgres } from './postgres-away.js';

const PROBE_MS = 1_200;

type Log = (line: string) => void;

interface Shared {
  readonly monitor: AvailabilityMonitor;
  /** The loggers of all users of this server; only one of them is called: any that still uses it. */
  readonly logs: Log[];
}

/** By host and port: in one process, all databases of a server share one monitor, so that its outage is logged once. */
const shared = new Map<string, Shared>();

/** The monitor of this URL's server; it is closed when its last user releases it. */
export function serverMonitor(url: string, log: Log): { monitor: AvailabilityMonitor; release: () => void } {
  const at = new URL(url).host;
  const { monitor, logs } = shared.get(at) ?? begin(url, at);
  logs.push(log);
  const release = (): void => {
    const index = logs.indexOf(log);
    if (index < 0) return;
    logs.splice(index, 1);
    if (logs.length > 0) return;
    shared.delete(at);
    monitor.close();
  };
  return { monitor, release };
}

function begin(url: string, at: string): Shared {
  const logs: Log[] = [];
  const probe = (): Promise<void> => probePostgres(url, PROBE_MS);
  const log = (line: string): void => logs.at(-1)?.(line);
  const made = {
    monitor: new AvailabilityMonitor({ engine: 'PostgreSQL', at, probe, isAway: isPostgresAway, log }),
    logs,
  };
  shared.set(at, made);
  return made;
}

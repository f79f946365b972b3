import type { ServiceDefinition } from '@seam/host';
import type { EventContract } from '@seam/messaging/contract';

/** A service, and the events of others that it handles. */
export interface BookingService extends ServiceDefinition {
  readonly takes?: readonly EventContract[];
}

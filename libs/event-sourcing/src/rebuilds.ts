import { CodedError } from '@seam/kernel';

/** How far a rebuild is. */
export interface RebuildProgress {
  readonly since: Date;
  /** The read model that is being made now. */
  readonly readModel: string;
  /** How many events were read so far, over all read models. */
  readonly events: number;
}

/** Tells how far it is; never waits. */
export type TellProgress = (readModel: string, events: number) => void;

/** Somebody makes the read models anew already. */
export class RebuildRunningError extends CodedError {
  constructor({ since, readModel, events }: RebuildProgress) {
    const reached = readModel === '' ? '' : `, now for ${readModel}`;
    super(
      'conflict',
      'READ_MODELS.REBUILD_RUNNING',
      `The read models are being rebuilt since ${since.toISOString()}: ${events} events read so far${reached}`,
    );
    this.name = 'RebuildRunningError';
  }
}

/** One rebuild at a time over all processes of a store; it ends with its process, however that ends. */
export abstract class Rebuilds {
  /** Rejects at once with {@link RebuildRunningError} where another runs. */
  abstract run<T>(work: (tell: TellProgress) => Promise<T>): Promise<T>;

  abstract running(): Promise<RebuildProgress | undefined>;
}

import { CodedError } from '@seam/kernel';

/** The progress of a rebuild. */
export interface RebuildProgress {
  readonly since: Date;
  /** The read model that is being rebuilt now. */
  readonly readModel: string;
  /** Number of events read so far, over all read models. */
  readonly events: number;
  /** Number of events to read, counted when the rebuild began; missing if counting them took too long. */
  readonly total?: number;
  /** How long the rest takes at the speed so far, s. */
  readonly remainingSeconds?: number;
}

/** Reports the progress; never waits. */
export type ReportProgress = (readModel: string, events: number) => void;

/** A rebuild of the read models is running already. */
export class RebuildRunningError extends CodedError {
  constructor({ since, readModel, events }: RebuildProgress) {
    const reached = readModel === '' ? '' : `, now for ${readModel}`;
    super(
      'conflict',
      'READ_MODELS.REBUILD_RUNNING',
      `A rebuild of the read models is running since ${since.toISOString()}: ${events} events read so far${reached}`,
    );
    this.name = 'RebuildRunningError';
  }
}

/** Allows one rebuild at a time over all processes of a store; the permission ends with its process, also in a crash. */
export abstract class Rebuilds {
  /** Rejects at once with {@link RebuildRunningError} if another one is running. */
  abstract run<T>(work: (report: ReportProgress) => Promise<T>): Promise<T>;

  abstract running(): Promise<RebuildProgress | undefined>;
}

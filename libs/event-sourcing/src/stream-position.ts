import { CodedError } from '@seam/kernel';

/** An event by its place in its stream: a read model that has it shows what a command did. */
export interface StreamPosition {
  readonly stream: string;
  readonly version: number;
}

const TEXT = /^(.{1,200})@([1-9]\d{0,8})$/;

/** In the form of the header `Seam-Position`. */
export const positionText = ({ stream, version }: StreamPosition): string => `${stream}@${version}`;

/** The inverse of {@link positionText}; undefined for any other text. */
export function parsePosition(text: string): StreamPosition | undefined {
  const [, stream, version] = TEXT.exec(text) ?? [];
  return stream === undefined ? undefined : { stream, version: Number(version) };
}

/** A read model has not reached a position within the time that a query may wait for it. */
export class ReadModelBehindError extends CodedError {
  constructor(readModel: string) {
    super(
      'precondition-failed',
      'READ_MODEL.BEHIND',
      `${readModel} does not have this position yet; try again, or omit Seam-Position to read its current state`,
    );
    this.name = 'ReadModelBehindError';
  }
}

/** A position of no event of the read model's category. */
export class UnknownPositionError extends CodedError {
  constructor() {
    super('invalid', 'POSITION.UNKNOWN', 'Seam-Position is not from the answer of a command on these items');
    this.name = 'UnknownPositionError';
  }
}

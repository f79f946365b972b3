import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { invalidRequest } from '@seam/host';
import type { Positioned } from '../event-work.js';
import { parsePosition, positionText, type StreamPosition } from '../stream-position.js';

/** Answered by commands, and sent back by queries that are to show what the command did. */
export const SEAM_POSITION = 'Seam-Position';

/** The request's `Seam-Position`, undefined without one: for `ReadModels.reach`. */
export const ReadPosition = createParamDecorator(
  (_: unknown, context: ExecutionContext): StreamPosition | undefined => {
    const text = context.switchToHttp().getRequest<Requested>().headers[SEAM_POSITION.toLowerCase()];
    if (text === undefined) return undefined;
    const position = typeof text === 'string' ? parsePosition(text) : undefined;
    if (position !== undefined) return position;
    throw invalidRequest([
      { path: [SEAM_POSITION], message: 'must be the Seam-Position from the answer of a command' },
    ]);
  },
);

/** Answers a command's position as a header; returns its value. */
export function answerPosition<T>(response: Answering, { value, position }: Positioned<T>): T {
  if (position !== undefined) response.setHeader(SEAM_POSITION, positionText(position));
  return value;
}

interface Requested {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

interface Answering {
  setHeader(name: string, value: string): unknown;
}

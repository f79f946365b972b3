import type { RecordedEvent } from '@seam/event-sourcing';
import type { z } from 'zod';
import type { SagaDefinition } from '../definition.js';
import type { SagaState } from '../engine/state.js';

/** The name and form in which the API shows a saga's `correlationId`, the id of what the saga is about. */
export interface CorrelationField {
  /** Such as `bookingId`. */
  readonly name: string;
  /** Its schema in answers. */
  readonly answer: z.ZodType<string>;
  /** Its schema in requests; converts it to the form that sagas store. */
  readonly query: z.ZodType<string>;
}

export interface SagaExample {
  readonly definition: string;
  readonly correlationId: string;
  /** The name of its first step. */
  readonly step: string;
}

/** A service whose sagas the routes show. */
export interface SagaSource {
  readonly service: string;
  readonly correlation: CorrelationField;
  /** An example of a saga for the API's document. */
  readonly example: SagaExample;
}

export interface SourcedSaga {
  readonly source: SagaSource;
  readonly saga: SagaState;
}

/** A saga with its events, oldest first, and the definition by which it runs where this process has it. */
export interface SagaDetails extends SourcedSaga {
  readonly events: readonly RecordedEvent[];
  readonly definition: SagaDefinition | undefined;
}

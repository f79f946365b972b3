import type { z } from 'zod';

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

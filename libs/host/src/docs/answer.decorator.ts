import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { STATUS_CODES } from 'node:http';
import { z } from 'zod';

export interface AnswerOptions {
  readonly description?: string;
  /** A complete answer, as a client gets it. */
  readonly example?: unknown;
}

type JsonSchema = Parameters<typeof ApiResponse>[0] extends infer O
  ? O extends { schema: infer S }
    ? S
    : never
  : never;

/** Documents a route's answer: a zod schema of what the server sends, and an example. */
export const Answers = (status: number, schema: z.ZodType, options: AnswerOptions = {}): MethodDecorator =>
  applyDecorators(
    ApiResponse({
      status,
      description: options.description ?? STATUS_CODES[status] ?? '',
      content: {
        'application/json': {
          schema: openApiSchema(schema),
          ...(options.example === undefined ? {} : { example: options.example }),
        },
      },
    }),
  );

/** Documents the errors of a route, in addition to those that follow from its policy and its input. */
export const Problems = (...statuses: number[]): MethodDecorator =>
  applyDecorators(...statuses.map((status) => ApiResponse({ status, ...problemResponse(status) })));

/** An error answer in an OpenAPI document. */
export const problemResponse = (
  status: number,
): { description: string; content: Record<string, { schema: { $ref: string } }> } => ({
  description: STATUS_CODES[status] ?? 'Error',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

/** A zod schema in OpenAPI 3.0's dialect, of what the server sends or of what it accepts. */
export function openApiSchema(schema: z.ZodType, io: 'output' | 'input' = 'output'): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'openapi-3.0', io, reused: 'inline' });
  return rest as JsonSchema;
}

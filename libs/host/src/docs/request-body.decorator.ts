import { applyDecorators } from '@nestjs/common';
import { ApiBody } from '@nestjs/swagger';
import type { z } from 'zod';
import { openApiSchema } from './answer.decorator.js';

/** Documents a request's body: its zod schema, and named examples that Swagger UI offers to send. */
export const RequestBody = (schema: z.ZodType, examples: Readonly<Record<string, unknown>>): MethodDecorator =>
  applyDecorators(
    ApiBody({
      schema: openApiSchema(schema, 'input'),
      examples: Object.fromEntries(
        Object.entries(examples).map(([summary, value], index) => [`example${index + 1}`, { summary, value }]),
      ),
    }),
  );

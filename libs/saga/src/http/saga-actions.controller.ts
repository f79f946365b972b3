import { applyDecorators, Body, Controller, HttpCode, Inject, Param, Post, type Type } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, Problems, RequestBody } from '@seam/host';
import { Caller, Staff } from '@seam/security';
import type { z } from 'zod';
import type { OperatorRequest } from '../engine/operator.js';
import {
  actedBy,
  ActionBody,
  ACTIONS,
  PlainAction,
  plainRequest,
  reasonExample,
  RestartBody,
  SkipBody,
  StepParam,
} from './saga-actions.dto.js';
import { sagaAnswer, sagaAnswerSchema, sagaExample, SagaId } from './saga.dto.js';
import type { SagaSource } from './saga-source.js';
import { SagasOfServices } from './sagas-of-services.js';

/** What staff can do to one saga of the services. Each action has a reason, and is an event of the saga. */
export function sagaActionsController(path: string, sources: readonly SagaSource[]): Type {
  const answers = applyDecorators(
    HttpCode(202),
    Answers(202, sagaAnswerSchema(sources), { example: sagaExample(sources) }),
    Problems(404, 409, 422),
  );
  const skipExample = { ...reasonExample, step: sources[0]?.example.step, result: {} };

  @ApiTags('sagas')
  @Staff()
  @Controller(path)
  class SagaActionsController {
    constructor(@Inject(SagasOfServices) private readonly sagas: SagasOfServices) {}

    @Post(':id/skip')
    @ApiOperation({ summary: 'Continue as if the step of a parked or paused saga were done, or compensated' })
    @RequestBody(SkipBody, { skip: skipExample })
    @answers
    async skip(
      @Caller() caller: Caller,
      @Param('id', { schema: SagaId }) id: string,
      @Body({ schema: SkipBody }) { reason, step, result }: z.infer<typeof SkipBody>,
    ): Promise<object> {
      return this.actOn(id, { action: 'skip', step, result, ...actedBy(caller, reason) });
    }

    @Post(':id/restart-from/:step')
    @ApiOperation({ summary: 'Do a step of a parked or paused saga again, and those after it' })
    @RequestBody(RestartBody, { restart: reasonExample })
    @answers
    async restartFrom(
      @Caller() caller: Caller,
      @Param('id', { schema: SagaId }) id: string,
      @Param('step', { schema: StepParam }) step: string,
      @Body({ schema: RestartBody }) { reason }: z.infer<typeof RestartBody>,
    ): Promise<object> {
      return this.actOn(id, { action: 'restart-from', step, ...actedBy(caller, reason) });
    }

    /** After the routes of one name, which it would otherwise take. */
    @Post(':id/:action')
    @ApiOperation({ summary: 'Retry, run now, compensate, pause or resume a saga', description: ACTIONS })
    @RequestBody(ActionBody, { reason: reasonExample })
    @answers
    async act(
      @Caller() caller: Caller,
      @Param('id', { schema: SagaId }) id: string,
      @Param('action', { schema: PlainAction }) action: z.infer<typeof PlainAction>,
      @Body({ schema: ActionBody }) body: z.infer<typeof ActionBody>,
    ): Promise<object> {
      return this.actOn(id, plainRequest(caller, action, body));
    }

    private async actOn(id: string, request: OperatorRequest): Promise<object> {
      return sagaAnswer(await this.sagas.act(sources, id, request));
    }
  }
  return SagaActionsController;
}

import { Body, Controller, HttpCode, Inject, Post, type Type } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, encodeCursor, Problems, RequestBody } from '@seam/host';
import { CodedError } from '@seam/kernel';
import { Caller, Staff } from '@seam/security';
import type { OperatorRequest } from '../engine/operator.js';
import type { SagaQuery } from '../saga-finder.js';
import { BULK, BulkAnswer, type BulkBody, bulkBody, bulkExample, checkFilter, MAX_COUNTED } from './bulk.dto.js';
import { plainRequest } from './saga-actions.dto.js';
import { askedOf, beginning, positionOf, wantedBy } from './saga-list.js';
import type { SagaSource, SourcedSaga } from './saga-source.js';
import { SagasOfServices } from './sagas-of-services.js';

/** Actions on all sagas that fit a filter, so many for each request. */
export function sagaBulkController(path: string, sources: readonly SagaSource[]): Type {
  const BulkRequest = bulkBody(sources);

  @ApiTags('sagas')
  @Staff()
  @Controller(path)
  class SagaBulkController {
    constructor(@Inject(SagasOfServices) private readonly sagas: SagasOfServices) {}

    @Post('bulk')
    @HttpCode(200)
    @ApiOperation({ summary: 'Count the sagas that fit a filter, or act on a number of them', description: BULK })
    @RequestBody(BulkRequest, { preview: bulkExample(sources[0]?.example.step) })
    @Answers(200, BulkAnswer, { example: { matching: 3, complete: true, acted: 0, refused: [], nextCursor: null } })
    @Problems(422)
    async act(@Caller() caller: Caller, @Body({ schema: BulkRequest }) body: BulkBody): Promise<BulkAnswer> {
      const { filter, action, preview, limit, cursor } = body;
      const request = plainRequest(caller, action, body);
      checkFilter(filter);
      const asked = askedOf(filter, sources);
      const query = { ...wantedBy(filter, asked), ...beginning(cursor), open: true } as const;
      const atMost = preview ? MAX_COUNTED : limit;
      const { sagas, unavailable } = await this.sagas.list(asked, { ...query, limit: atMost + 1 });
      // Otherwise a later page would leave out the sagas of this service.
      const [away] = unavailable;
      if (away !== undefined) throw new CodedError('unavailable', away.code, `${away.service}: ${away.reason}`);
      const taken = sagas.slice(0, atMost);
      if (preview)
        return { matching: taken.length, complete: sagas.length <= atMost, acted: 0, refused: [], nextCursor: null };
      const refused: BulkAnswer['refused'] = [];
      for (const one of taken) refused.push(...(await this.one(one, request, query)));
      const last = taken.at(-1);
      const nextCursor = sagas.length > atMost && last !== undefined ? encodeCursor(positionOf(last)) : null;
      return { acted: taken.length - refused.length, refused, nextCursor };
    }

    private async one(
      listed: SourcedSaga,
      request: OperatorRequest,
      query: Omit<SagaQuery, 'limit'>,
    ): Promise<BulkAnswer['refused']> {
      try {
        await this.sagas.actOnListed(listed, request, query);
        return [];
      } catch (error) {
        if (!(error instanceof CodedError) || error.kind === 'unavailable') throw error;
        return [{ id: listed.saga.id, code: error.code, reason: error.message }];
      }
    }
  }
  return SagaBulkController;
}

import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { type Page, PageQuery } from '@seam/host';
import { CodedError, text } from '@seam/kernel';
import { Staff } from '@seam/security';
import { z } from 'zod';
import { SAGAS_PATH } from '../../routes.js';
import { Targets } from '../../upstream/targets.js';
import {
  askServices,
  bodiesOf,
  type Collected,
  foundIn,
  mergedPage,
  notFound,
  queryFor,
  servicesOf,
} from '../ask-services.js';

/** The token of the names of the services that run sagas. */
export const SAGA_SERVICES = Symbol('services with sagas');

/** Only what the gateway itself needs: each service checks the whole query. */
const ListQuery = z.looseObject({ limit: PageQuery.shape.limit, service: z.string().optional() });
type ListQuery = z.infer<typeof ListQuery>;

const Bulk = z.looseObject({ filter: z.looseObject({ service: z.string().optional() }) });
type Bulk = z.infer<typeof Bulk>;

const Segment = text({ min: 1, max: 100 });
const Sent = z.unknown();

interface Item {
  readonly id: string;
  readonly startedAt: string;
}
interface SagasPage extends Page<Item> {
  readonly unavailable: Collected['unavailable'];
}

/** The sagas of all services that run some. The routes are documented by the services. */
@ApiExcludeController()
@Staff()
@Controller(SAGAS_PATH.slice(1))
export class AllSagasController {
  constructor(
    private readonly targets: Targets,
    @Inject(SAGA_SERVICES) private readonly services: readonly string[],
  ) {}

  /** A page misses the sagas of `unavailable` services; if no service answers, there is no page. */
  @Get()
  async list(
    @Query({ schema: ListQuery }) query: ListQuery,
    @Headers('authorization') authorization: string,
  ): Promise<SagasPage> {
    const { limit, service } = query;
    const collected = await askServices(this.targets, servicesOf(service, this.services), authorization, (name) => ({
      path: `${SAGAS_PATH}?${queryFor(name, query)}`,
    }));
    const pages = bodiesOf<SagasPage>(collected);
    const [away] = collected.unavailable;
    if (pages.length === 0 && away !== undefined) throw new CodedError('unavailable', away.code, away.reason);
    return {
      ...mergedPage(pages, limit, latestFirst, ({ startedAt, id }) => ({ startedAt, id })),
      unavailable: [...collected.unavailable, ...pages.flatMap(({ unavailable }) => unavailable)],
    };
  }

  @Get(':id')
  get(@Param('id', { schema: Segment }) id: string, @Headers('authorization') authorization: string): Promise<unknown> {
    return this.one(id, '', authorization);
  }

  /** Of one service, because each has cursors of its own for this. */
  @Post('bulk')
  @HttpCode(200)
  async bulk(@Body({ schema: Bulk }) body: Bulk, @Headers('authorization') authorization: string): Promise<unknown> {
    const services = servicesOf(body.filter.service, this.services);
    const [service] = services;
    if (service === undefined || services.length > 1)
      throw new CodedError(
        'unprocessable',
        'SAGA.SERVICE_REQUIRED',
        `Name one of ${services.join(', ')} in the filter`,
      );
    const sent = { ...body, filter: { ...body.filter, service } };
    const collected = await askServices(this.targets, services, authorization, () => ({
      method: 'POST',
      path: `${SAGAS_PATH}/bulk`,
      body: sent,
    }));
    const [answer] = bodiesOf<unknown>(collected);
    const [away] = collected.unavailable;
    if (away !== undefined) throw new CodedError('unavailable', away.code, away.reason);
    return answer;
  }

  @Post(':id/restart-from/:step')
  @HttpCode(202)
  restartFrom(
    @Param('id', { schema: Segment }) id: string,
    @Param('step', { schema: Segment }) step: string,
    @Body({ schema: Sent }) body: unknown,
    @Headers('authorization') authorization: string,
  ): Promise<unknown> {
    return this.one(id, `/restart-from/${encodeURIComponent(step)}`, authorization, { body });
  }

  @Post(':id/:action')
  @HttpCode(202)
  act(
    @Param('id', { schema: Segment }) id: string,
    @Param('action', { schema: Segment }) action: string,
    @Body({ schema: Sent }) body: unknown,
    @Headers('authorization') authorization: string,
  ): Promise<unknown> {
    return this.one(id, `/${encodeURIComponent(action)}`, authorization, { body });
  }

  /** Asks every service, as only the one that runs the saga knows it. */
  private async one(id: string, rest: string, authorization: string, sent?: { body: unknown }): Promise<unknown> {
    const path = `${SAGAS_PATH}/${encodeURIComponent(id)}${rest}`;
    const collected = await askServices(this.targets, this.services, authorization, () =>
      sent === undefined ? { path } : { method: 'POST', path, body: sent.body },
    );
    const [found] = foundIn(collected);
    if (found === undefined) throw notFound('SAGA.NOT_FOUND', `saga ${id}`, collected.unavailable);
    return found.answer.body;
  }
}

const latestFirst = (a: Item, b: Item): number => {
  if (a.startedAt !== b.startedAt) return a.startedAt < b.startedAt ? 1 : -1;
  return a.id < b.id ? 1 : -1;
};

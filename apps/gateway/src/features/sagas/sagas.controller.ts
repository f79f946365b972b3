import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { encodeCursor, invalidRequest, PageQuery } from '@seam/host';
import { CodedError, text } from '@seam/kernel';
import { Staff } from '@seam/security';
import { z } from 'zod';
import { SAGAS_PATH } from '../../routes.js';
import { Targets } from '../../upstream/targets.js';
import { askServices, bodiesOf, type Collected, foundIn, notFound } from '../ask-services.js';

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
interface SagasPage {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
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
    const collected = await askServices(this.targets, this.servicesOf(service), authorization, (name) => ({
      path: `${SAGAS_PATH}?${queryFor(name, query)}`,
    }));
    const pages = bodiesOf<SagasPage>(collected);
    const [away] = collected.unavailable;
    if (pages.length === 0 && away !== undefined) throw new CodedError('unavailable', away.code, away.reason);
    const all = pages.flatMap(({ items }) => items).sort(latestFirst);
    const items = all.slice(0, limit);
    const last = items.at(-1);
    const more = all.length > limit || pages.some(({ nextCursor }) => nextCursor !== null);
    return {
      items,
      // The same cursor as each service makes: it means the same position in all of them.
      nextCursor: more && last !== undefined ? encodeCursor({ startedAt: last.startedAt, id: last.id }) : null,
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
    const services = this.servicesOf(body.filter.service);
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

  private servicesOf(service: string | undefined): readonly string[] {
    if (service === undefined) return this.services;
    if (this.services.includes(service)) return [service];
    throw invalidRequest([{ path: ['service'], message: `must be one of ${this.services.join(', ')}` }]);
  }
}

/** With the service's name: a process may host several services, and would otherwise answer for all of them each time. */
function queryFor(service: string, query: ListQuery): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one): [string, string] => [name, String(one)]),
  );
  return new URLSearchParams([...given.filter(([name]) => name !== 'service'), ['service', service]]).toString();
}

const latestFirst = (a: Item, b: Item): number => {
  if (a.startedAt !== b.startedAt) return a.startedAt < b.startedAt ? 1 : -1;
  return a.id < b.id ? 1 : -1;
};

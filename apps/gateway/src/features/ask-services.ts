import { encodeCursor, invalidRequest, type Page, RetryLaterError } from '@seam/host';
import { CodedError } from '@seam/kernel';
import { z } from 'zod';
import { SERVICES } from '../routes.js';
import type { Answer, Ask } from '../upstream/collect.js';
import type { Targets } from '../upstream/targets.js';
import { askForCaller, isMissing, problemIn } from './ask-for-caller.js';

export const UnavailableServices = z
  .array(z.object({ service: z.string(), code: z.string(), reason: z.string() }))
  .describe('The services that did not answer: their items are missing here');
type UnavailableServices = z.infer<typeof UnavailableServices>;

/** What one service answered, with a status below 500. */
export interface Given {
  readonly service: string;
  readonly answer: Answer;
}

export interface Collected {
  readonly given: readonly Given[];
  readonly unavailable: UnavailableServices;
}

/** All of these services, or the requested one of them; another one is `REQUEST.INVALID`. */
export function servicesOf(service: string | undefined, all: readonly string[] = SERVICES): readonly string[] {
  if (service === undefined) return all;
  if (all.includes(service)) return [service];
  throw invalidRequest([{ path: ['service'], message: `must be one of ${all.join(', ')}` }]);
}

type Parameter = string | number | Date;

/** The same query for one service: a process with several services would otherwise answer for all of them each time. */
export function queryFor(service: string, query: object): string {
  const { service: _, ...others } = query as Readonly<Record<string, Parameter | readonly Parameter[] | undefined>>;
  const parameters = new URLSearchParams();
  for (const [name, value = []] of Object.entries(others))
    for (const one of [value].flat()) parameters.append(name, one instanceof Date ? one.toISOString() : String(one));
  parameters.append('service', service);
  return parameters.toString();
}

/**
 * One page of the pages that several services gave, each in this order. Its cursor is as each service makes it, and means the
 * same position in all of them.
 */
export function mergedPage<T>(
  pages: readonly Page<T>[],
  limit: number,
  order: (a: T, b: T) => number,
  positionOf: (item: T) => unknown,
): Page<T> {
  const all = pages.flatMap(({ items }) => items).sort(order);
  const items = all.slice(0, limit);
  const last = items.at(-1);
  const more = all.length > limit || pages.some(({ nextCursor }) => nextCursor !== null);
  return { items, nextCursor: more && last !== undefined ? encodeCursor(positionOf(last)) : null };
}

/** Asks one instance of each of these services on behalf of a caller: the instances of a service share a database. */
export async function askServices(
  targets: Targets,
  services: readonly string[],
  authorization: string,
  request: (service: string) => Pick<Ask, 'method' | 'path' | 'body'>,
): Promise<Collected> {
  const asked = await Promise.all(
    services.map(async (service) => ({
      service,
      answer: await askForCaller(targets.of(service), authorization, request(service)),
    })),
  );
  return {
    given: asked.filter((one): one is Given => !isMissing(one.answer)),
    unavailable: asked.flatMap(({ service, answer }) =>
      isMissing(answer) ? [{ service, code: answer.code, reason: answer.reason }] : [],
    ),
  };
}

/** The bodies of the answers; one that is no success is thrown as the gateway's own problem. */
export const bodiesOf = <T>({ given }: Collected): T[] =>
  given.map(({ service, answer }) => {
    if (answer.status >= 300) throw problemIn(answer, service);
    return answer.body as T;
  });

/** The answers of the services that have what is asked for: 404 from a service means that it does not. */
export function foundIn({ given }: Collected): readonly Given[] {
  const refused = given.find(({ answer }) => answer.status >= 300 && answer.status !== 404);
  if (refused !== undefined) throw problemIn(refused.answer, refused.service);
  return given.filter(({ answer }) => answer.status < 300);
}

/** It is only certain that something does not exist if all services could be asked. */
export function notFound(code: string, what: string, unavailable: UnavailableServices): CodedError {
  if (unavailable.length === 0) return new CodedError('not-found', code, `There is no ${what}`);
  const names = unavailable.map(({ service }) => service).join(', ');
  const detail = `No service that answered has a ${what}; these did not answer: ${names}`;
  return new RetryLaterError('GATEWAY.SERVICE_AWAY', detail, 5, 'unavailable');
}

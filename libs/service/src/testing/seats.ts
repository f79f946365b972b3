import { Controller } from '@nestjs/common';
import type { Aggregate, DomainEvent } from '@seam/event-sourcing';
import { type AnswerTo, HandleCommand, HandleEvent, type Work } from '@seam/messaging';
import { type DataOf, defineCommand, defineEvent, messageOf, type MessageOf } from '@seam/messaging/contract';
import { saga, send } from '@seam/saga';
import { z } from 'zod';
import { Aggregates } from '../aggregates.js';
import { decides } from '../decides.js';
import { type Answer, refuse } from '../decision.js';
import { defineService, type SeamService } from '../define-service.js';
import type { ServiceEngine } from '../service-engine.js';

const TakeSeat = defineCommand({
  service: 'hall',
  name: 'take-seat',
  data: z.object({ ticketId: z.string() }),
  reply: z.object({ seat: z.int() }),
});
const HangCoat = defineCommand({
  service: 'hall',
  name: 'hang-coat',
  data: z.object({ ticketId: z.string() }),
  reply: z.object({ hook: z.int() }),
});
const ReturnCoat = defineCommand({
  service: 'hall',
  name: 'return-coat',
  data: z.object({ ticketId: z.string() }),
  reply: z.object({}),
});
const TicketSold = defineEvent({
  service: 'desk',
  name: 'ticket-sold',
  data: z.object({ ticketId: z.string(), seat: z.int() }),
});

/** The tickets that have a seat, in the order of their seats. */
export const Hall: Aggregate<readonly string[], DomainEvent<'taken', { ticketId: string }>> = {
  category: 'hall',
  initial: [],
  evolve: (tickets, { data }) => [...tickets, data.ticketId],
};
type CoatEvent = DomainEvent<'hung' | 'returned', { ticketId: string }>;
/** The ticket of the coat on each hook; `''` where it was returned. */
export const Cloakroom: Aggregate<readonly string[], CoatEvent> = {
  category: 'cloakroom',
  initial: [],
  evolve: (coats, { type, data }) =>
    type === 'hung' ? [...coats, data.ticketId] : coats.map((one) => (one === data.ticketId ? '' : one)),
};
/** How often the doors were notified of each ticket: the number of its events. */
export const Door: Aggregate<number, DomainEvent<'announced', object>> = {
  category: 'door',
  initial: 0,
  evolve: (times) => times + 1,
};
type TicketEvent = DomainEvent<'ordered' | 'cancelled', object> | DomainEvent<'sold', { seat: number; hook: number }>;
export interface Ticket {
  readonly status: 'none' | TicketEvent['type'];
  readonly seat?: number;
  readonly hook?: number;
}
export const Tickets: Aggregate<Ticket, TicketEvent> = {
  category: 'ticket',
  initial: { status: 'none' },
  evolve: (_, { type, data }) => ({ ...data, status: type }),
};

export const sellTicket = saga('sell-ticket', {
  version: 1,
  input: z.object({ ticketId: z.uuid() }),
  aggregate: Tickets,
  aggregateId: ({ ticketId }) => ticketId,
})
  .started('order', { compensate: ({ at }) => [{ type: 'cancelled', at, data: {} }] })
  .parallel((together) =>
    together
      .call(
        'seat',
        send(TakeSeat, ({ input }) => input),
      )
      .call(
        'coat',
        send(HangCoat, ({ input }) => input),
        { compensate: send(ReturnCoat, ({ input }) => input) },
      ),
  )
  .decide('sell', ({ input: { ticketId }, at, results: { seat, coat } }) => ({
    events: [{ type: 'sold', at, data: { ...seat, ...coat } }],
    messages: [messageOf(TicketSold, ticketId, { ticketId, ...seat })],
  }));

@Controller()
class HallHandler {
  constructor(private readonly aggregates: Aggregates) {}

  @HandleCommand(TakeSeat)
  take(command: MessageOf<typeof TakeSeat>): AnswerTo<typeof TakeSeat> {
    const { ticketId } = command.data;
    return this.aggregates.of(Hall, 'main').answer(TakeSeat, command, (tickets, at) => {
      const seat = tickets.indexOf(ticketId) + 1;
      if (seat > 0) return { events: [], reply: { seat } };
      if (tickets.length === 2) return refuse('SOLD_OUT', 'all seats are taken');
      return { events: [{ type: 'taken', at, data: { ticketId } }], reply: { seat: tickets.length + 1 } };
    });
  }
}

type OfTicket = DataOf<typeof HangCoat>;
const hang = (coats: readonly string[], at: string, { ticketId }: OfTicket): Answer<CoatEvent, { hook: number }> => ({
  events: coats.includes(ticketId) ? [] : [{ type: 'hung', at, data: { ticketId } }],
  reply: { hook: coats.includes(ticketId) ? coats.indexOf(ticketId) + 1 : coats.length + 1 },
});
const giveBack = (_: readonly string[], at: string, { ticketId }: OfTicket): CoatEvent[] => [
  { type: 'returned', at, data: { ticketId } },
];

@Controller()
class DoorHandler {
  constructor(private readonly aggregates: Aggregates) {}

  @HandleEvent('hall', TicketSold)
  sold({ data }: MessageOf<typeof TicketSold>): Work {
    return this.aggregates.of(Door, data.ticketId).handle((_, at) => [{ type: 'announced', at, data: {} }]);
  }
}

/** A desk that sells tickets by a saga, and the hall whose two seats it takes. */
export function seatServices(engine: ServiceEngine): SeamService[] {
  return [
    defineService({ name: 'desk', engine, sagas: { definitions: [sellTicket], correlation: 'ticketId' } }),
    defineService({
      name: 'hall',
      engine,
      subscribes: [TicketSold],
      controllers: [
        HallHandler,
        DoorHandler,
        decides(HangCoat, Cloakroom, () => 'main', hang),
        decides(ReturnCoat, Cloakroom, () => 'main', giveBack),
      ],
    }),
  ];
}

import { Id } from '@seam/kernel';
import { sagaRoutes } from '@seam/saga/http';

/** `/api/sagas` shows the sagas of all services that have these routes, which are searched by booking. */
export const bookingSagaRoutes = (definition: 'book-room' | 'clean-room'): ReturnType<typeof sagaRoutes> =>
  sagaRoutes({
    correlation: { name: 'bookingId', answer: Id, query: Id },
    example: {
      definition,
      correlationId: '3f0a1c52-9d4e-8b77-a1c2-5e6f7a8b9c0d',
      step: definition === 'book-room' ? 'request' : 'plan',
    },
  });

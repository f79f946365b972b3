import { statusOf } from './set-aside-watch.js';

it('names what is set aside, and what could not process it', () => {
  expect(statusOf([], 'GET /aside')).toEqual({ status: 'up' });
  expect(
    statusOf(
      [
        { what: 'order-list', count: 1, streams: ['order-1'] },
        { what: 'saga-timers', count: 200, streams: ['saga-1', 'saga-2', 'saga-3'] },
      ],
      'GET /aside',
    ),
  ).toEqual({
    status: 'degraded',
    reason:
      'order-list has set aside order-1; saga-timers has set aside saga-1, saga-2, saga-3 and 197 more: ' +
      'GET /aside says why',
  });
  expect(statusOf([{ what: 'order-list', count: 1, streams: ['order-1'] }], undefined)).toEqual({
    status: 'degraded',
    reason: 'order-list has set aside order-1',
  });
});

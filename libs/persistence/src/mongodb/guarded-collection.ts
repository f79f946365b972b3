import type { mongo } from 'mongoose';
import type { AvailabilityMonitor } from '../availability-monitor.js';

/** Methods of a collection that return a cursor; all other methods return a promise. */
const CURSORS = new Set<PropertyKey>(['find', 'aggregate']);
/** Methods of a cursor that send a request to the server. */
const ASKING = new Set<PropertyKey>(['toArray', 'next', 'tryNext', 'hasNext', 'forEach']);

type Method = (...args: unknown[]) => unknown;

/** A collection whose operations all go through this monitor. */
export function guardedCollection<D extends mongo.Document>(
  collection: mongo.Collection<D>,
  monitor: AvailabilityMonitor,
): mongo.Collection<D> {
  return guarded(collection, (property, call) =>
    CURSORS.has(property)
      ? (...args) => guardedCursor(call(...args) as object, monitor)
      : (...args) => monitor.run(() => Promise.resolve(call(...args))),
  );
}

function guardedCursor<C extends object>(cursor: C, monitor: AvailabilityMonitor): C {
  const proxy: C = guarded(cursor, (property, call) => (...args) => {
    if (property === Symbol.asyncIterator) return each(cursor as C & mongo.AbstractCursor, monitor);
    if (ASKING.has(property)) return monitor.run(() => Promise.resolve(call(...args)));
    const given = call(...args);
    return given === cursor ? proxy : given;
  });
  return proxy;
}

async function* each(cursor: mongo.AbstractCursor, monitor: AvailabilityMonitor): AsyncGenerator {
  try {
    for (;;) {
      const next: unknown = await monitor.run(() => cursor.next());
      if (next === null) return;
      yield next;
    }
  } finally {
    await cursor.close().catch(() => undefined);
  }
}

function guarded<T extends object>(target: T, wrap: (property: PropertyKey, call: Method) => Method): T {
  return new Proxy(target, {
    get(_, property) {
      const value: unknown = Reflect.get(target, property);
      return typeof value === 'function' ? wrap(property, (value as Method).bind(target)) : value;
    },
  });
}

import mongoose from 'mongoose';
import { STATUS_OF, STEP_DONE, type OrderStore } from './stores.js';

interface Event {
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly data: { readonly orderId?: string; readonly step?: string; readonly total?: { readonly amount: number } };
}

/** The orders' store on MongoDB. */
export function onMongo(url: string): OrderStore {
  const read = async <T>(task: (db: mongoose.mongo.Db) => Promise<T>): Promise<T> => {
    const client = await mongoose.mongo.MongoClient.connect(url, { serverSelectionTimeoutMS: 10_000 });
    try {
      return await task(client.db('seam_orders'));
    } finally {
      await client.close();
    }
  };
  /** A read model's rows are in the collection that its checkpoint names. */
  const view = (name: string) => (): Promise<{ id: string; status: string }[]> =>
    read(async (db) => {
      const checkpoint = await db.collection<{ _id: string; generation: string }>('projections').findOne({ _id: name });
      const collection = db.collection<{ _id: string; status: string }>(`${name}_${checkpoint?.generation}`);
      return (await collection.find().toArray()).map(({ _id, status }) => ({ id: _id, status }));
    });
  return {
    orders: () =>
      read(async (db) => {
        const commits = await db.collection<{ events?: Event[] }>('commits').find().toArray();
        const events = commits
          .flatMap(({ events: committed = [] }) => committed)
          .filter(({ stream, type }) => stream.startsWith('order-') && type in STATUS_OF)
          .sort((a, b) => a.version - b.version);
        const last = new Map(events.map(({ stream, type }) => [stream, type]));
        return events
          .filter(({ type }) => type === 'order-placed')
          .map(({ stream, data }) => ({
            id: data.orderId ?? '',
            total: data.total?.amount ?? NaN,
            status: STATUS_OF[last.get(stream) ?? ''] ?? '',
          }));
      }),
    shown: view('order_view'),
    sagas: view('saga_view'),
    stepsDone: () =>
      read(async (db) => {
        const commits = await db.collection<{ events?: Event[] }>('commits').find().toArray();
        return commits
          .flatMap(({ events = [] }) => events)
          .filter(({ type }) => STEP_DONE.includes(type))
          .map(({ stream, type, data }) => `${stream} ${type} ${data.step}`);
      }),
    waiting: () =>
      read(async (db) => {
        const commits = await db.collection('commits').countDocuments({ leasedUntil: { $exists: true } });
        return commits + (await db.collection('outbox').countDocuments({ notBefore: { $lte: new Date() } }));
      }),
    dead: () =>
      read(async (db) => {
        const letters = await db.collection<{ handler: string; reason: string }>('dead_letters').find().toArray();
        return letters.map(({ handler, reason }) => `${handler}: ${reason}`);
      }),
  };
}

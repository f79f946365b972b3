import { eventCollections, MongoEventStore, MongoProjector } from '@seam/event-sourcing/mongodb';
import { messagingCollections } from '@seam/messaging/mongodb';
import type { MongoDatabase } from '@seam/persistence/mongodb';
import { engine } from '@seam/testing/engines';
import { openTestMongo } from '@seam/persistence/testing';
import { Saga } from '../engine/state.js';
import { describeSagaFinder } from '../testing/saga-finder.suite.js';
import { MongoSagaFinder, mongoSagaView } from './saga-view.js';

const mongo = engine('mongodb');

(mongo ? describe : describe.skip)('on MongoDB', () => {
  let database: MongoDatabase;
  afterAll(() => database.close());

  describeSagaFinder('MongoDB', async () => {
    database = await openTestMongo(mongo!.url, 'saga_finder', [...messagingCollections, ...eventCollections]);
    const store = new MongoEventStore(database);
    const projector = new MongoProjector(store, mongoSagaView(database), { batch: 4 });
    return { finder: new MongoSagaFinder(mongoSagaView(database)), store, projector };
  });

  it('lists steps that an earlier version has stored under its words by those of today', async () => {
    const steps = ['undone', 'undoing', 'done'].map((state, n) => ({ name: `s${n}`, state, attempts: 1 }));
    const state = { ...Saga.initial, id: 'earlier', correlationId: 'of-earlier', status: 'compensating', steps };
    const view = mongoSagaView(database);
    await database
      .collection<{ _id: string }>(`saga_view_${(await view.checkpoint()).generation}`)
      .insertOne({ _id: 'earlier', version: 1, state, correlationId: 'of-earlier', startedAt: '2026-11-22' } as never);
    const [found] = await new MongoSagaFinder(view).list({ correlationId: 'of-earlier', limit: 1 });
    expect(found?.steps.map((step) => step.state)).toEqual(['compensated', 'compensating', 'done']);
  });
});

import { messagingCollections } from '@seam/messaging/mongodb';
import { openTestMongo } from '@seam/persistence/testing';
import { engine } from '@seam/testing/engines';
import { describeShadowReadModels } from '../testing/shadow-read-model.suite.js';
import { Tally, type TallyEvent, tallyRow, type TallyState } from '../testing/tally.js';
import { eventCollections, shadowModel } from './collections.js';
import { MongoEventStore } from './mongo-event-store.js';
import { MongoProjector } from './mongo-projector.js';
import { MongoRebuilds } from './mongo-rebuilds.js';
import { MongoSetAsides } from './mongo-set-asides.js';
import { MongoView } from './mongo-view.js';

const mongo = engine('mongodb');
let databases = 0;

(mongo ? describe : describe.skip)('on MongoDB', () => {
  describeShadowReadModels('MongoDB', async () => {
    databases += 1;
    const collections = [...messagingCollections, ...eventCollections];
    const database = await openTestMongo(mongo!.url, `shadow_${databases}`, collections);
    const view = (version = 1): MongoView<TallyState, TallyEvent> =>
      new MongoView(database, { name: 'tally_view', version, aggregate: Tally, row: tallyRow, indexes: [] });
    const options = { batch: 3, everyMs: 5, gatherMs: 1, spacingMs: 1 };
    return {
      store: new MongoEventStore(database),
      asides: new MongoSetAsides(database),
      readModel: 'tally_view',
      projector: (rebuildChunk = 3, version = 1) =>
        new MongoProjector(new MongoEventStore(database), view(version), { ...options, rebuildChunk }),
      rebuilds: () => new MongoRebuilds(database),
      rows: async () => (await view().find({ filter: {}, sort: { _id: 1 }, limit: 100 })).map(({ sum }) => sum),
      leftovers: async () => {
        const { generation } = await view().checkpoint();
        const collections = await database.collectionsNamed('tally_view_');
        const shadows = await database.collection<{ _id: string }>(shadowModel.name).find().toArray();
        const others = collections.filter((name) => name !== `tally_view_${generation}`);
        return [...others, ...shadows.map(({ _id }) => _id)];
      },
      close: () => database.close(),
    };
  });
});

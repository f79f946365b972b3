import { engine } from '@seam/testing/engines';
import { describeOutbox } from '../testing/outbox.suite.js';
import { MongoRig } from '../testing/mongo-rig.js';

const mongo = engine('mongodb');

(mongo ? describe : describe.skip)('on MongoDB', () => {
  describeOutbox('MongoDB', () => MongoRig.open(mongo!.url, 'outbox'));
});

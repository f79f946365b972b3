import { engine } from '@seam/testing/engines';
import { describeCommitter } from '../testing/committer.suite.js';
import { MongoRig } from '../testing/mongo-rig.js';

const mongo = engine('mongodb');

(mongo ? describe : describe.skip)('on MongoDB', () => {
  describeCommitter('MongoDB', () => MongoRig.open(mongo!.url, 'committer'));
});

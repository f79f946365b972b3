import { engine } from '@seam/testing/engines';
import { describeDeadLetters } from '../testing/dead-letters.suite.js';
import { MongoRig } from '../testing/mongo-rig.js';

const mongo = engine('mongodb');

(mongo ? describe : describe.skip)('on MongoDB', () => {
  describeDeadLetters('MongoDB', () => MongoRig.open(mongo!.url, 'dead_letters'));
});

import { engine } from '@seam/testing/engines';
import { describeDeadLetters } from '../testing/dead-letters.suite.js';
import { RedisRig } from '../testing/redis-rig.js';

const server = engine('redis');

(server ? describe : describe.skip)('Redis', () => {
  describeDeadLetters('Redis', () => RedisRig.open(server!.url));
});

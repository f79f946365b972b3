import { engine } from '@seam/testing/engines';
import { describeOutbox } from '../testing/outbox.suite.js';
import { RedisRig } from '../testing/redis-rig.js';

const server = engine('redis');

(server ? describe : describe.skip)('Redis', () => {
  describeOutbox('Redis', () => RedisRig.open(server!.url));
});

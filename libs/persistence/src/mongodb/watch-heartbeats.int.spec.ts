import { engine } from '@seam/testing/engines';
import { loadMongoose } from './driver.js';
import { watchHeartbeats } from './watch-heartbeats.js';

const mongo = engine('mongodb');

(mongo ? it : it.skip)('leaves no client open that is closed while it reconnects', async () => {
  const { MongoClient } = (await loadMongoose()).mongo;
  const client = new MongoClient(mongo!.url);
  let open = 0;
  client.on('topologyOpening', () => (open += 1));
  client.on('topologyClosed', () => (open -= 1));
  await client.connect();
  const lines: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const stop = watchHeartbeats(client, { everyMs: -1, answerMs: 0, log: (line) => void lines.push(line) });
    // Between the two parts of reconnecting.
    client.once('topologyClosed', () => {
      Promise.all([stop(), client.close()]).then(() => resolve(), reject);
    });
  });
  expect({ open, lines: lines.length }).toEqual({ open: 0, lines: 1 });
});

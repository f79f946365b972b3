import { newId } from '@seam/kernel';
import { engine } from '@seam/testing/engines';
import { describeOutbox } from '../testing/outbox.suite.js';
import { MongoRig } from '../testing/mongo-rig.js';
import { message } from '../testing/receiving-rig.js';
import { COMMITS, type CommitDocument } from './collections.js';

const mongo = engine('mongodb');

(mongo ? describe : describe.skip)('on MongoDB', () => {
  describeOutbox('MongoDB', () => MongoRig.open(mongo!.url, 'outbox'));

  it('cancels a delayed message that its process did not move before it died', async () => {
    const rig = await MongoRig.open(mongo!.url, 'outbox_unmoved');
    const commits = rig.database.collection<CommitDocument>(COMMITS);
    const late = { message: JSON.stringify(message('test.noted.v1')), notBefore: new Date(0) };
    const leasedUntil = new Date(Date.now() - 1);
    await commits.insertMany([
      { _id: newId(), delayed: [{ ...late, cancelKey: 'k', position: 1 }], leasedUntil },
      { _id: newId(), cancels: [{ key: 'k', position: 2 }] },
    ]);
    expect(await rig.outbox.claim(10)).toEqual([]);
    expect(await rig.outbox.claim(10)).toEqual([]);
    expect(await rig.outboxTexts()).toEqual([]);
    await rig.close();
  });
});

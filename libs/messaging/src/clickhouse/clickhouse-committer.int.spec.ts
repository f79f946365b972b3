import { engine } from '@seam/testing/engines';
import { describeCommitter } from '../testing/committer.suite.js';
import { ClickHouseRig } from '../testing/clickhouse-rig.js';
import { deadRelay, note } from '../testing/notes.js';

const server = engine('clickhouse');

(server ? describe : describe.skip)('ClickHouse', () => {
  describeCommitter('ClickHouse', () => ClickHouseRig.open(server!.url), { recordsOnly: true });

  it('refuses a work that would send a message, and records nothing of it', async () => {
    const rig = await ClickHouseRig.open(server!.url);
    await expect(rig.committer({ relay: deadRelay }).commit(note('a'))).rejects.toThrow(/cannot send messages/);
    expect(await rig.notes()).toEqual([]);
    await rig.close();
  });
});

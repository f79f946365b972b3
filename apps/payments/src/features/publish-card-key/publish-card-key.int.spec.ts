import { PublishCardKey } from '@seam/contracts';
import { type Message, newId } from '@seam/kernel';
import { messageOf } from '@seam/messaging/contract';
import { createTestDatabase, everythingIn, startTestServer } from '@seam/persistence/testing';
import { newSealingKeyPair, Sealer } from '@seam/security';
import { PaymentsRig } from '../../testing/payments-rig.js';

const DAY_MS = 86_400_000;
const done = { outcome: 'done', data: {} };
const unreadable = {
  outcome: 'refused',
  code: 'PAYMENT_DECLINED',
  reason: "the card's token can no longer be read; order again",
};

describe('the keys by which tokens of cards are sealed', () => {
  let server: Awaited<ReturnType<typeof startTestServer>>;
  let url: string;
  let rig: PaymentsRig;

  beforeAll(async () => {
    server = await startTestServer();
  });
  beforeEach(async () => {
    url = await createTestDatabase(server, 'payments');
    rig = await open();
  });
  afterEach(() => rig.close());
  afterAll(() => server.stop());

  const open = (): Promise<PaymentsRig> => PaymentsRig.open(url, { timeoutMs: 100, slowAnswerMs: 150 });
  const asking = (replaces?: string): Message => ({
    id: newId(),
    source: 'orders',
    at: new Date().toISOString(),
    ...messageOf(PublishCardKey, newId(), replaces === undefined ? {} : { replaces }),
  });
  const published = async (replaces?: string): Promise<{ keyId: string; publicKey: string }> => {
    await rig.deliver(asking(replaces));
    return rig.publishedKeys.at(-1)!;
  };
  const sealed = (publicKey: string, token: string, orderId: string): { sealed: string } => ({
    sealed: new Sealer(publicKey).seal(token, orderId),
  });
  const keys = async (): Promise<string[]> =>
    (await rig.database.query<{ id: string }>('select id from card_key order by created_at')).map(({ id }) => id);
  /** Simulates that the keys were replaced earlier. */
  const age = (days: number): Promise<unknown> =>
    rig.database.query(`update card_key set replaced_at = replaced_at - make_interval(days => $1)`, [days]);

  it('are published on request: one key, also if two processes are asked at once', async () => {
    const other = await open();
    await Promise.all([rig, other, rig, other].map((one) => one.deliver(asking())));
    const published = [...rig.publishedKeys, ...other.publishedKeys];
    expect(published.length).toBe(4);
    expect(new Set(published.map(({ keyId }) => keyId)).size).toBe(1);
    expect(JSON.stringify(published)).not.toContain('private');
    await other.close();
  });

  it('are replaced once, a day after they were created, however often that is ordered', async () => {
    const { keyId } = await published();
    const [replacing] = rig.replacements;
    expect(replacing?.at?.getTime()).toBeGreaterThan(Date.now() + DAY_MS - 10_000);
    expect(replacing?.message.data).toEqual({ replaces: keyId });

    const second = (await published(keyId)).keyId;
    expect((await published(keyId)).keyId).toBe(second);
    expect(second).not.toBe(keyId);
    expect(await keys()).toEqual([keyId, second]);
    expect(rig.replacements.length).toBe(2);
  });

  it('are replaced on a request, if the order to do so was lost', async () => {
    const { keyId } = await published();
    await rig.database.query(`update card_key set created_at = created_at - interval '25 hours'`);
    expect((await published()).keyId).not.toBe(keyId);
  });

  it('charge a sealed card, with the key replaced meanwhile, and store its token nowhere', async () => {
    const { keyId, publicKey } = await published();
    await published(keyId);
    const ids = { tok_visa: newId(), tok_declined: newId(), tok_lost: newId(), tok_down: newId() };
    for (const [token, id] of Object.entries(ids)) {
      await rig.deliver(rig.chargeMessage(id, sealed(publicKey, token, id)));
      if (token !== 'tok_down') await rig.settle();
    }
    expect(rig.outcomes(ids.tok_visa)).toEqual([done]);
    expect(rig.outcomes(ids.tok_declined)).toMatchObject([
      { code: 'PAYMENT_DECLINED', reason: 'the card was declined' },
    ]);
    expect(rig.outcomes(ids.tok_lost)).toEqual([done]);
    expect(await rig.payments.find(ids.tok_down)).toMatchObject({
      state: 'unknown',
      card: { sealed: expect.any(String) },
    });
    for (const id of [ids.tok_visa, ids.tok_declined, ids.tok_lost])
      expect(await rig.payments.find(id)).not.toHaveProperty('card');

    const tables = [...(await everythingIn(url))].filter(([table]) => !table.startsWith('fake_provider.'));
    const rows = tables.flatMap(([table, of]) => of.map((row) => `${table}: ${row}`));
    expect(rows.filter((row) => row.includes(ids.tok_down)).length).toBeGreaterThan(0);
    for (const token of Object.keys(ids)) expect(rows.filter((row) => row.includes(token))).toEqual([]);
  });

  it('charge again with a sealed card, also in another process', async () => {
    const { publicKey } = await published();
    const id = newId();
    await rig.deliver(rig.chargeMessage(id, sealed(publicKey, 'tok_flaky', id)));
    expect(await rig.payments.find(id)).toMatchObject({ state: 'unknown', attempts: 1 });
    const other = await open();
    other.polls = rig.polls;
    await other.settle();
    expect(other.outcomes(id)).toEqual([done]);
    expect(await rig.ledger(id)).toMatchObject({ charged: 1 });
    await other.close();
  });

  it('are deleted a week after their replacement: then the order is refused, and nothing is charged', async () => {
    const { keyId, publicKey } = await published();
    const second = (await published(keyId)).keyId;
    await age(6);
    const third = (await published(second)).keyId;
    expect(await keys()).toEqual([keyId, second, third]);
    await age(2);
    await published(third);
    expect((await keys()).slice(0, 2)).toEqual([second, third]);

    const id = newId();
    await rig.deliver(rig.chargeMessage(id, sealed(publicKey, 'tok_visa', id)));
    expect(rig.outcomes(id)).toEqual([unreadable]);
    expect(await rig.ledger(id)).toBeUndefined();
  });

  it('find a charge that was made before its key was deleted', async () => {
    const { publicKey } = await published();
    const id = newId();
    const charging = rig.chargeMessage(id, sealed(publicKey, 'tok_visa', id));
    // The process dies between the charge and the commit.
    await rig.prepare(charging);
    await rig.database.query('delete from card_key');
    const later = await open();
    await later.deliver(charging);
    expect(later.outcomes(id)).toEqual([done]);
    expect(await rig.ledger(id)).toMatchObject({ charged: 1 });
    await later.close();
  });

  it.each([
    ['another order', (key: string) => new Sealer(key).seal('tok_visa', newId())],
    ['a key of nobody', (_: string, id: string) => new Sealer(newSealingKeyPair().publicKey).seal('tok_visa', id)],
    ['nothing', () => 'not-sealed'],
  ])('refuse a token that was sealed for %s', async (_, seal) => {
    const { publicKey } = await published();
    const id = newId();
    await rig.deliver(rig.chargeMessage(id, { sealed: seal(publicKey, id) }));
    expect(rig.outcomes(id)).toEqual([unreadable]);
    expect(await rig.ledger(id)).toBeUndefined();
  });
});

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { ShopProcess } from '../support/shop-process.js';

const STAFF_PASSWORD = 'tea-for-the-staff';

/** The README's shell blocks, from top to bottom, against this shop. */
const script = (url: string): string => {
  const blocks = [...readFileSync('README.md', 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block);
  return blocks.join('\n').replaceAll('http://localhost:3000', url);
};

test("the README's curl lines take an order to confirmed, and a declined one back", async () => {
  const shop = await ShopProcess.start({ env: { SEAM_STAFF_PASSWORD: STAFF_PASSWORD } });
  const env = { ...process.env, SEAM_STAFF_PASSWORD: STAFF_PASSWORD };
  const { stdout } = await promisify(execFile)('bash', ['-eu', '-c', script(shop.url)], { env });
  expect(stdout).toContain('"status":"confirmed"');
  expect(stdout).toContain('"status":"captured"');
  expect(stdout).toContain('"code":"PAYMENT_DECLINED"');
  expect(stdout).toContain('"state":"compensated"');
  expect(await shop.stop()).toBe(0);
});

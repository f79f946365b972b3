import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readmeScript } from '../support/readme-script.js';
import { ShopProcess } from '../support/shop-process.js';

const STAFF_PASSWORD = 'tea-for-the-staff';

test("the README's curl lines confirm an order, and cancel one whose card is declined", async () => {
  const shop = await ShopProcess.start({ env: { SEAM_STAFF_PASSWORD: STAFF_PASSWORD } });
  const env = { ...process.env, SEAM_STAFF_PASSWORD: STAFF_PASSWORD };
  const { stdout } = await promisify(execFile)('bash', ['-eu', '-c', readmeScript(shop.url)], { env });
  expect(stdout).toContain('"status":"confirmed"');
  expect(stdout).toContain('"status":"captured"');
  expect(stdout).toContain('"code":"PAYMENT_DECLINED"');
  expect(stdout).toContain('"state":"compensated"');
  expect(await shop.stop()).toBe(0);
});

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The tests that run the shop as a process run what `npm start` runs, built from these sources,
 * each on data of its own below one folder, SEAM_TEST_DATA.
 */
export default function build(): void {
  for (const app of ['monolith', 'gateway'])
    execFileSync('npx', ['nest', 'build', app], { stdio: ['ignore', 'ignore', 'inherit'] });
  const folder = mkdtempSync(join(tmpdir(), 'seam-test-'));
  chmodSync(folder, 0o755); // As root the server runs as another user, who must be able to enter.
  process.env['SEAM_TEST_DATA'] = folder;
}

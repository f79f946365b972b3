import { rmSync } from 'node:fs';

/** Deletes the shops' data, unless SEAM_TEST_KEEP is set to inspect them. */
export default function clean(): void {
  const folder = process.env['SEAM_TEST_DATA'];
  if (folder === undefined) return;
  if (process.env['SEAM_TEST_KEEP'] === undefined) rmSync(folder, { recursive: true, force: true });
  else process.stderr.write(`The shops' data is in ${folder}\n`);
}

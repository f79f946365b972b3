import { rmSync } from 'node:fs';

/** The shops' data goes, unless SEAM_TEST_KEEP is set for whoever wants to look at it. */
export default function clean(): void {
  const folder = process.env['SEAM_TEST_DATA'];
  if (folder === undefined) return;
  if (process.env['SEAM_TEST_KEEP'] === undefined) rmSync(folder, { recursive: true, force: true });
  else process.stderr.write(`The shops' data is in ${folder}\n`);
}

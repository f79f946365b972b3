import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const run = (test: string): { status: number | null; said: string } => {
  const rootDir = mkdtempSync(join(tmpdir(), 'exit-reporter-'));
  try {
    writeFileSync(join(rootDir, 'left.test.js'), test);
    const reporters = [[resolve('test/support/exit-reporter.ts'), { withinMs: 1_500 }]];
    const config = JSON.stringify({ rootDir, reporters, transform: {} });
    const jest = [resolve('node_modules/jest/bin/jest.js'), '--config', config, '--runInBand'];
    const { status, stderr } = spawnSync(process.execPath, jest, { encoding: 'utf8', timeout: 50_000 });
    return { status, said: stderr };
  } finally {
    rmSync(rootDir, { recursive: true });
  }
};

it('fails a run whose tests leave something open, and says what', () => {
  const { status, said } = run("it('passes', (done) => { require('node:net').createServer().listen(0, done); });");
  expect(said).toMatch(/Jest has not ended within 1.5 s after the last test\. Still open: .*TCPServerWrap/);
  expect(status).toBe(1);
});

it('lets a run end that leaves nothing open', () => {
  expect(run("it('passes', () => undefined);")).toEqual({ status: 0, said: '' });
});

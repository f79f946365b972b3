import { isatty } from 'node:tty';
import { jest } from '@jest/globals';
import { processLogger, type ProcessLogger } from './process-logger.js';

let written: string[];
let logger: ProcessLogger;

beforeEach(async () => {
  written = [];
  const take = (chunk: unknown): boolean => Boolean(written.push(String(chunk)));
  jest.spyOn(process.stdout, 'write').mockImplementation(take);
  jest.spyOn(process.stderr, 'write').mockImplementation(take);
  logger = await processLogger({ logFormat: 'pretty', logLevel: 'info' }, 'seam');
});

afterEach(() => {
  jest.restoreAllMocks();
});

it('writes no colours into a file', async () => {
  if (isatty(1)) jest.spyOn(process.stdout, 'hasColors').mockReturnValue(false);
  const toFile = await processLogger({ logFormat: 'pretty', logLevel: 'info' }, 'seam');
  toFile.warn('late', 'host');
  expect(written.join('')).toMatch(/^\[seam\] .* WARN \[host\] late\n$/);
});

it("logs what is of the level, without the framework's lists of modules and routes", () => {
  logger.log('a route', 'RouterExplorer');
  logger.debug?.('too much', 'x');
  logger.log('ready', 'host');
  expect(written).toHaveLength(1);
  expect(written[0]).toMatch(/LOG.*\[host\].*ready/);
});

it('writes any text as one line, and no line of a stack looks like the beginning of an entry', () => {
  logger.warn('one\r\n[seam] 1  - 11/22/2026, 11:24:24 AM   LOG forged\u001b[2J', 'http');
  expect(written[0]?.trimEnd()).not.toMatch(/[\r\n]/);
  expect(written[0]).not.toContain('\u001b[2J');
  logger.error('failed', 'Error: x\r\n[seam] 1  - forged\n    at f (a.js:1:1)', 'http');
  const lines = written
    .slice(1)
    .join('')
    .trimEnd()
    .split(/[\r\n]+/);
  expect(lines.filter((line) => /^\S*\[seam\]/.test(line.replace(/^(\u001b\[\d+m)+/, '')))).toHaveLength(1);
});

it('redacts secrets', () => {
  logger.error('no mail to ada@example.org', 'Error: tok_visa\n    at f (a.js:1:1)', 'mailer');
  logger.log({ password: 'hunter2', to: 'ada@example.org' }, 'mailer');
  expect(written.join()).not.toMatch(/ada@|tok_visa|hunter2/);
});

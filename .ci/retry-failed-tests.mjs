// Tests use real servers on a busy machine: each test file that failed is run once more, alone, for the tests that
// failed in it. A test that fails twice has failed; one that passes then is printed as RETRY, and its cause must be found.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

/** If more files failed, the cause is not chance. */
const MAX_FILES = 8;

const [resultsFile, exitCode] = process.argv.slice(2);
const first = read(resultsFile);
let passed = first.numPassedTests ?? 0;
let failed = (first.numFailedTests ?? 0) + (first.numRuntimeErrorTestSuites ?? 0);
const skipped = (first.numPendingTests ?? 0) + (first.numTodoTests ?? 0);
const broken = (first.testResults ?? []).filter(({ status }) => status === 'failed');

// If no test file failed, the failure was not in a test, and a retry does not help.
const mayPass = broken.length > 0 && broken.length <= MAX_FILES;
if (mayPass) for (const file of broken) retryFile(file);

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = mayPass && failed === 0 ? 0 : Number(exitCode);

function retryFile({ name, assertionResults }) {
  const names = assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
  // A file that could not even be loaded, or whose hooks failed outside of a test, names none: the whole file is run, also
  // tests that had passed before, which must not be counted twice.
  const before = Math.max(names.length, 1);
  const counted = names.length > 0 ? 0 : assertionResults.filter(({ status }) => status === 'passed').length;
  const path = relative(process.cwd(), name);
  console.log(`RETRY ${path}: ${names.join('; ') || 'the whole file'}`);
  const again = runOnce(path, names);
  const left = (again.numFailedTests ?? 0) + (again.numRuntimeErrorTestSuites ?? 0);
  const nowPassed = again.success === true && left === 0 ? (again.numPassedTests ?? 0) : 0;
  if (nowPassed === 0) return;
  failed -= before;
  passed += nowPassed - counted;
  console.log(`RETRY ${path}: passed`);
}

function runOnce(path, names) {
  const folder = mkdtempSync(join(tmpdir(), 'retry-failed-tests-'));
  const output = join(folder, 'results.json');
  const only = names.length === 0 ? [] : ['--testNamePattern', `^(${names.map(escaped).join('|')})$`];
  const jest = ['run', '-s', 'jest', '--', '--runTestsByPath', path, ...only, '--json', `--outputFile=${output}`];
  spawnSync('npm', jest, { stdio: ['ignore', 'ignore', 'inherit'] });
  const results = existsSync(output) ? read(output) : {};
  rmSync(folder, { recursive: true, force: true });
  return results;
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function read(file) {
  const text = readFileSync(file, 'utf8');
  return text === '' ? {} : JSON.parse(text);
}

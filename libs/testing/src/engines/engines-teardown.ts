import { execFileSync } from 'node:child_process';
import { LABEL, RUN_VARIABLE, STARTABLE_VARIABLE } from './engine-catalog.ts';

/** Jest's global tear-down: removes the containers that this run has started. */
export default function tearDown(): void {
  const run = process.env[RUN_VARIABLE];
  if (run === undefined || (process.env[STARTABLE_VARIABLE] ?? '') === '') return;
  const ids = execFileSync('docker', ['ps', '-aq', '--filter', `label=${LABEL}=${run}`], { encoding: 'utf8' });
  const containers = ids.split('\n').filter((id) => id !== '');
  if (containers.length > 0) execFileSync('docker', ['rm', '-f', '-v', ...containers], { stdio: 'ignore' });
  Reflect.deleteProperty(process.env, RUN_VARIABLE);
}

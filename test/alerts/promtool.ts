import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const RULES = resolve('deploy/prometheus');
const IMAGE = 'prom/prometheus:v3.5.0';

export type Promtool = (...args: readonly string[]) => { readonly status: number | null; readonly output: string };

const run = (command: string, args: readonly string[], cwd?: string): ReturnType<Promtool> => {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', cwd });
  return { status, output: error === undefined ? stdout + stderr : error.message };
};

/** Prometheus' own checker, run beside the rules: from the PATH, otherwise from the image if Docker already has it. */
export function findPromtool(): Promtool | undefined {
  if (run('promtool', ['--version']).status === 0) return (...args) => run('promtool', args, RULES);
  if (run('docker', ['image', 'inspect', IMAGE]).status !== 0) return undefined;
  const inImage = ['run', '--rm', '-v', `${RULES}:/rules:ro`, '-w', '/rules', '--entrypoint', 'promtool', IMAGE];
  return (...args) => run('docker', [...inImage, ...args]);
}

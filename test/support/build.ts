import { execFileSync } from 'node:child_process';

/** Jest's global set-up: the tests that run the shop as a process run what `npm start` runs, built from these sources. */
export default function build(): void {
  execFileSync('npm', ['run', '-s', 'build'], { stdio: ['ignore', 'inherit', 'inherit'] });
}

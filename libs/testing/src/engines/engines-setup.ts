import { execFileSync } from 'node:child_process';
import {
  CATALOG,
  type EngineName,
  ENGINES,
  LABEL,
  RUN_VARIABLE,
  STARTABLE_VARIABLE,
  urlVariable,
} from './engine-catalog.ts';

/**
 * Jest's global set-up of the tiers that may use engines: determines which are available, and prints a line for each.
 * It starts none: a container is started by the first test file that asks for its engine (`engine()`). Imports end in
 * `.ts` here, because Jest lets Node itself load the file.
 */
export default function setUp(): void {
  if (process.env[RUN_VARIABLE] !== undefined) return; // Set by another tier of the same run.
  process.env[RUN_VARIABLE] = String(process.pid);
  const wanted = wantedEngines();
  const docker = dockerAnswers();
  if (docker) removeLeftOvers();
  const startable: EngineName[] = [];
  for (const name of ENGINES) {
    const { image } = CATALOG[name];
    const given = process.env[urlVariable(name)];
    if (!wanted.includes(name))
      say(name, `skipped: not in SEAM_TEST_ENGINES=${process.env['SEAM_TEST_ENGINES'] ?? ''}`);
    else if (given !== undefined) say(name, `${urlVariable(name)} is used`);
    else if (!docker) say(name, `skipped: no Docker engine answers; start one, or set ${urlVariable(name)}`);
    else if (!imageIsHere(image)) say(name, `skipped: no image ${image}; docker pull ${image}`);
    else {
      startable.push(name);
      say(name, `${image}, started for the first test that asks for it`);
    }
    if (!wanted.includes(name)) Reflect.deleteProperty(process.env, urlVariable(name));
  }
  process.env[STARTABLE_VARIABLE] = startable.join(',');
}

function say(name: EngineName, what: string): void {
  process.stderr.write(`engine ${name.padEnd(10)} ${what}\n`);
}

/** SEAM_TEST_ENGINES: all if it is not set, otherwise the named ones; `none` selects none. */
function wantedEngines(): readonly EngineName[] {
  const text = process.env['SEAM_TEST_ENGINES'] ?? '';
  if (text === '') return ENGINES;
  const names = text === 'none' ? [] : text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !ENGINES.some((engine) => engine === name));
  if (unknown.length > 0)
    throw new Error(`SEAM_TEST_ENGINES names ${unknown.join(', ')}; it may be none or any of ${ENGINES.join(', ')}`);
  return ENGINES.filter((engine) => names.includes(engine));
}

function docker(...args: string[]): string | undefined {
  try {
    return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 10_000 });
  } catch {
    return undefined;
  }
}

const dockerAnswers = (): boolean => docker('version', '--format', '{{.Server.Version}}') !== undefined;
const imageIsHere = (image: string): boolean => docker('image', 'inspect', '--format', '{{.Id}}', image) !== undefined;

/** Containers of a run that was killed before its own tear-down. */
function removeLeftOvers(): void {
  const list = docker('ps', '-a', '--filter', `label=${LABEL}`, '--format', `{{.ID}} {{.Label "${LABEL}"}}`) ?? '';
  for (const line of list.split('\n').filter((text) => text !== '')) {
    const [id = '', pid = ''] = line.split(' ');
    if (!isRunning(Number(pid))) docker('rm', '-f', '-v', id);
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

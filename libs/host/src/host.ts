import { Logger } from '@nestjs/common';
import { whenOrphaned } from './orphan.js';
import { releaseMemoryOfStart } from './release-memory.js';
import type { RunningProcess } from './running-process.js';
import { readSettings } from './settings.js';
import type { ServiceDefinition } from './service-definition.js';
import { isSelfExplaining } from './start-error.js';
import { startProcess } from './start-process.js';

/** From the signal to the exit, at most: below the 20 to 30 s after which supervisors kill. */
const STOP_WITHIN_MS = 18_000;
/** Of a failing process, which may not be able to end properly. */
const FAIL_WITHIN_MS = 5_000;
/** npm and nest pass a Ctrl-C on that the terminal has sent already: what comes this soon is the same one. */
const SAME_SIGNAL_MS = 1_000;

const logger = new Logger('host');

/**
 * Runs services as this Node process, by the settings in its environment, until SIGTERM or SIGINT: exit 0 once all is
 * drained, 1 where the start fails or the end takes longer than 18 s; a second Ctrl-C ends it at once (130).
 */
export async function host(services: readonly ServiceDefinition[]): Promise<void> {
  const started = performance.now();
  const starting = start(services);
  const exit = exitOnce(starting);
  process.on('SIGTERM', () => void exit(0, STOP_WITHIN_MS));
  process.on('SIGINT', onInterrupt(exit));
  whenOrphaned(() => void exit(0, STOP_WITHIN_MS));
  process.on('uncaughtException', (error) => fail(exit, 'uncaught exception', error));
  process.on('unhandledRejection', (error) => fail(exit, 'unhandled rejection', error));
  try {
    const running = await starting;
    announce(running, performance.now() - started);
    releaseMemoryOfStart();
  } catch (error) {
    process.stderr.write(`${isSelfExplaining(error) ? error.message : stackOf(error)}\n`);
    process.exit(1);
  }

  async function start(definitions: readonly ServiceDefinition[]): Promise<RunningProcess> {
    const settings = readSettings(process.env);
    return startProcess(definitions, settings, {
      onDatabaseLost: (reason) => fail(exit, 'the database is gone', reason),
    });
  }
}

type Exit = (code: number, withinMs: number) => Promise<void>;

/** Closes the process and exits; the first call decides the code. */
function exitOnce(starting: Promise<RunningProcess>): Exit {
  let exiting = false;
  let running: RunningProcess | undefined;
  starting.then(
    (value) => (running = value),
    () => undefined,
  );
  return async (code, withinMs) => {
    if (exiting) return;
    exiting = true;
    setTimeout(() => {
      const busy = running === undefined ? 'the start' : running.busy().join(', ');
      process.stderr.write(`Not stopped after ${withinMs / 1000} s, still busy: ${busy}\n`);
      process.exit(1);
    }, withinMs);
    try {
      const toClose = await starting.catch(() => undefined); // Its failure is told where it is awaited.
      await toClose?.close();
      process.exit(code);
    } catch (error) {
      logger.error('the process could not end properly', stackOf(error));
      process.exit(1);
    }
  };
}

function onInterrupt(exit: Exit): () => void {
  let first: number | undefined;
  return () => {
    if (first !== undefined && performance.now() - first > SAME_SIGNAL_MS) process.exit(130);
    first ??= performance.now();
    void exit(0, STOP_WITHIN_MS);
  };
}

function fail(exit: Exit, what: string, error: unknown): void {
  logger.fatal(what, stackOf(error));
  void exit(1, FAIL_WITHIN_MS);
}

/** The start-up lines, for whoever looks at the terminal. */
function announce(running: RunningProcess, readyMs: number): void {
  const lines = [
    `Seam is ready in ${Math.round(readyMs)} ms`,
    `  shop   ${running.url}`,
    `  docs   ${running.url}/docs`,
    ...(running.dataPlace === undefined ? [] : [`  data   ${running.dataPlace}`]),
    ...running.notes.map((note) => `  ${note}`),
  ];
  process.stdout.write(`\n${lines.join('\n')}\n\n`);
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

import { Logger } from '@nestjs/common';
import { isSelfExplaining, readSettings } from '@seam/process';
import { announcement, failureText, type LogFormat } from './announcement.js';
import { whenOrphaned } from './orphan.js';
import { releaseMemoryOfStart } from './release-memory.js';
import type { RunningProcess } from './running-process.js';
import { startProcess } from './start-process.js';
import type { SystemDefinition } from './system-definition.js';

/** Maximum time from the signal to the exit: less than the 20 to 30 s after which supervisors kill a process. */
const STOP_WITHIN_MS = 18_000;
/** Maximum time of a failing process, which may not be able to stop cleanly. */
const FAIL_WITHIN_MS = 5_000;
/** npm and nest forward a Ctrl-C that the terminal has sent already: a signal within this time is the same one. */
const SAME_SIGNAL_MS = 1_000;

const logger = new Logger('host');

/**
 * Runs services of a system as this Node process, by the settings in its environment, until SIGTERM or SIGINT: exit 0
 * once all is drained, 1 where the start fails or the end takes longer than 18 s; a second Ctrl-C ends it at once
 * (130).
 */
export async function host(system: SystemDefinition): Promise<void> {
  const started = performance.now();
  // Used until the settings are read, which may fail.
  let format: LogFormat = process.env['SEAM_LOG_FORMAT'] === 'json' ? 'json' : 'pretty';
  const printError = (text: string): void => void process.stderr.write(failureText(text, format));
  const starting = start();
  const exit = exitOnce(starting, printError);
  process.on('SIGTERM', () => void exit(0, STOP_WITHIN_MS));
  process.on('SIGINT', onInterrupt(exit));
  whenOrphaned(() => void exit(0, STOP_WITHIN_MS));
  process.on('uncaughtException', (error) => fail(exit, 'uncaught exception', error));
  process.on('unhandledRejection', (error) => fail(exit, 'unhandled rejection', error));
  try {
    const running = await starting;
    process.stdout.write(announcement(system.texts, running, performance.now() - started, format));
    releaseMemoryOfStart();
  } catch (error) {
    printError(isSelfExplaining(error) ? error.message : stackOf(error));
    process.exit(1);
  }

  async function start(): Promise<RunningProcess> {
    const settings = readSettings(process.env, system);
    format = settings.logFormat;
    return startProcess(system, settings, {
      onDatabaseLost: (reason) => fail(exit, 'the database has ended', reason),
    });
  }
}

type Exit = (code: number, withinMs: number) => Promise<void>;

/** Closes the process and exits; the first call decides the code. */
function exitOnce(starting: Promise<RunningProcess>, printError: (text: string) => void): Exit {
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
      printError(`Not stopped after ${withinMs / 1000} s, still busy: ${busy}`);
      process.exit(1);
    }, withinMs);
    try {
      const toClose = await starting.catch(() => undefined); // Its failure is reported by the code that awaits it.
      await toClose?.close();
      process.exit(code);
    } catch (error) {
      logger.error('the process could not stop cleanly', stackOf(error));
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

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

/**
 * Imported by every program before it imports anything else, dynamically: with a Node that is older than the version
 * that Seam is built for and tested with, other modules cannot be linked, or end the process without a message. After
 * this import, Node's own messages, which are warnings and why the program cannot be loaded, are a line of JSON each if
 * logs are JSON.
 */
const NEEDED = 24;
const { node } = process.versions;
/** How much garbage V8 accumulates among old objects before it collects them, in percent of those in use. */
const GARBAGE_PERCENT = 100;
const asJson = process.env['SEAM_LOG_FORMAT'] === 'json';

function report(level: 'warn' | 'fatal', msg: string): void {
  const line = { level, time: new Date().toISOString(), pid: process.pid, context: 'node', msg };
  process.stderr.write(`${asJson ? JSON.stringify(line) : msg}\n`);
}

/** Used until the program has its own listener. */
function onUncaught(error: unknown): void {
  if (process.listenerCount('uncaughtException') > 1) return;
  report('fatal', error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
}

if (Number.parseInt(node, 10) < NEEDED) {
  report(
    'fatal',
    `Seam needs Node ${NEEDED} or later; ${process.execPath} is Node ${node}. ` +
      `"npm ci" installs Node ${NEEDED}: start with "npm start", or with node_modules/.bin/node.`,
  );
  process.exit(1);
}

if (asJson) {
  // Node's own listener prints two lines of text for each; if warnings are switched off, it does not exist.
  const warned = process.listenerCount('warning') > 0;
  process.removeAllListeners('warning');
  if (warned) process.on('warning', ({ name, message }) => report('warn', `${name}: ${message}`));
  process.on('uncaughtException', onUncaught);
}

/*
 * By default the heap may grow to four times the objects in use, as if the process had all of the machine's memory.
 * This bound is relative: a process that needs more memory, as under overload, gets it. A value on the command line is
 * kept.
 */
const { setFlagsFromString } = process.getBuiltinModule('node:v8');
if (!process.execArgv.some((argument) => /^--heap[-_]growing[-_]percent=/.test(argument)))
  setFlagsFromString(`--heap-growing-percent=${GARBAGE_PERCENT}`);

/*
 * V8 allocates objects directly in the old generation if many of their kind have survived. The objects of a request
 * survive if the process was late, become garbage with the request, and then keep the younger objects that they
 * reference, until the next full collection: each collection of the young generation copies these, and requests wait
 * for it.
 */
setFlagsFromString('--no-allocation-site-pretenuring');

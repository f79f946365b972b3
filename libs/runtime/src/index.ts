/**
 * Imported by every program before it imports, dynamically, anything else: where Node is older than the one that Seam is
 * built for and tested with, other modules cannot be linked, or end the process without a word. From here on what Node
 * itself says, warnings and why the program cannot be loaded, is a line of JSON each, where logs are.
 */
const NEEDED = 24;
const { node } = process.versions;
/** How much garbage V8 lets gather among old objects before it collects them, in percent of those in use. */
const GARBAGE_PERCENT = 100;
const asJson = process.env['SEAM_LOG_FORMAT'] === 'json';

function report(level: 'warn' | 'fatal', msg: string): void {
  const line = { level, time: new Date().toISOString(), pid: process.pid, context: 'node', msg };
  process.stderr.write(`${asJson ? JSON.stringify(line) : msg}\n`);
}

/** Until the program listens itself. */
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
  // Node's own listener prints two lines of text for each; where warnings are switched off it is not there.
  const warned = process.listenerCount('warning') > 0;
  process.removeAllListeners('warning');
  if (warned) process.on('warning', ({ name, message }) => report('warn', `${name}: ${message}`));
  process.on('uncaughtException', onUncaught);
}

/*
 * By default the heap may grow to four times what is in use, as if all of the machine's memory were there for it. This bound
 * is relative: a process that needs more memory, as under overload, gets it, and does not end for lack of it. A value on the
 * command line is kept.
 */
const { setFlagsFromString } = process.getBuiltinModule('node:v8');
if (!process.execArgv.some((argument) => /^--heap[-_]growing[-_]percent=/.test(argument)))
  setFlagsFromString(`--heap-growing-percent=${GARBAGE_PERCENT}`);

/*
 * V8 allocates objects among the old ones at once where many of their kind have survived. What a request is made of survives
 * when the process was late, dies with the request, and then keeps alive what younger objects it leads to, until the next
 * full collection: each collection of young objects copies them, and requests wait for it.
 */
setFlagsFromString('--no-allocation-site-pretenuring');

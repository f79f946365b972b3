import type { Server } from 'node:http';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CustomTransportStrategy, NestMicroservice } from '@nestjs/microservices';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { openDiscovery } from '@seam/discovery';
import { within } from '@seam/kernel';
import type { Transport } from '@seam/messaging';
import { startTelemetry } from '@seam/observability';
import {
  Backlog,
  checkServiceModules,
  DrainRegistry,
  Metrics,
  Readiness,
  type Settings,
  sharedRoutesIn,
  StartupNotes,
} from '@seam/process';
import { HostedProcess } from './hosted-process.js';
import { advertised } from './advertise.js';
import { type Databases, databasesOf } from './databases.js';
import { configureDocs } from './docs/configure-docs.js';
import { configureHome } from './docs/configure-home.js';
import { configureAsyncApi } from './docs/configure-async-api.js';
import { observed } from './edge-handler.js';
import { configureHttp } from './http/configure-http.js';
import { InFlight } from './http/in-flight.js';
import { Overload } from './http/overload.js';
import { checkPort, listen } from './http/listen.js';
import { SeamExpressAdapter } from './http/seam-express-adapter.js';
import { neverRefusedIn } from './http/never-refused.js';
import { missingProvider } from './missing-provider.js';
import { type ProcessLogger, processLogger } from './process-logger.js';
import { ProcessModule, type ProcessParts } from './process.module.js';
import { type RunningProcess, Shutdown } from './running-process.js';
import { selectServices } from './select-services.js';
import type { ServiceDefinition } from './service-definition.js';
import { initialise } from './start-hooks.js';
import type { SystemDefinition } from './system-definition.js';
import { HandlerSpans, servicesOfControllers } from './tracing/handler-spans.js';
import { transportOf } from './transport.js';

/** How long the start waits for the dependencies of the process. */
const SETTLE_WITHIN_MS = 10_000;
/** How long the start hooks may take together, once every engine answers. */
const HOOKS_WITHIN_MS = 120_000;
/** If the start fails, how long stopping the started parts may take: after that, the failure is reported in any case. */
const CLEAN_UP_WITHIN_MS = 10_000;

export interface StartOptions {
  /** Carries the messages between the services; tests use one that repeats and reorders them. */
  readonly transport?: Transport;
  /** Called if the embedded database server ends unexpectedly: nothing works any more. Default: logged. */
  readonly onDatabaseLost?: (reason: string) => void;
  readonly hooksWithinMs?: number;
  readonly cleanUpWithinMs?: number;
}

/**
 * Starts the services of a system that the settings select in one process: databases, application, transport, HTTP.
 * Resolves when it accepts requests. If a part fails, or a start hook hangs, the started parts are stopped again, for
 * at most 10 s. Rejects with a `StartError`, or one of @seam/persistence's errors, if the operator can do something
 * about it.
 */
export async function startProcess(
  system: SystemDefinition,
  settings: Settings,
  options: StartOptions = {},
): Promise<RunningProcess> {
  const selected = selectServices(system, settings);
  await checkPort(settings.port);
  const name = processName(selected, settings);
  const logger = await processLogger(settings, name);
  Logger.overrideLogger(logger);
  for (const line of settings.unknown) logger.warn(line, 'settings');
  const databases = databasesOf(settings, {
    log: (line) => logger.log(line, 'postgres'),
    lost: options.onDatabaseLost ?? ((reason) => logger.fatal(reason, 'postgres')),
  });
  const shutdown = new Shutdown(databases);
  try {
    const telemetry = await startTelemetry(name, process.env);
    const transport = options.transport ?? (await transportOf(system, settings, logger));
    const discovery = await openDiscovery({ ...settings, log: (line) => logger.log(line, 'discovery') });
    const parts = partsOf(selected, settings, databases, { transport, discovery, telemetry });
    await watchForKeys(system, parts);
    shutdown.parts = parts;
    if (telemetry !== undefined) parts.drains.addClose('telemetry', () => telemetry.stop());
    await parts.transport.open();
    watchOutside(parts);
    const adapter = new SeamExpressAdapter();
    const app = await createApplication(system, selected, parts, logger, shutdown, adapter);
    await initialise(app, options.hooksWithinMs ?? HOOKS_WITHIN_MS);
    putEdgeHandler(adapter, app, selected, parts, shutdown);
    if (adapter.overload !== undefined) adapter.overload.neverRefused = neverRefusedIn(app);
    await app.startAllMicroservices();
    await settled(parts.readiness, logger);
    const url = await listen(app.getHttpServer(), settings.port);
    parts.readiness.phase = 'ready';
    await parts.discovery.register(parts.context.services, advertised(settings, url));
    return shutdown.running(app, { name, url, dataPlace: databases.place, notes: parts.notes.lines });
  } catch (error) {
    await cleanUp(shutdown, options.cleanUpWithinMs ?? CLEAN_UP_WITHIN_MS);
    const missing = missingProvider(error);
    if (missing !== undefined) throw missing;
    throw error;
  }
}

async function cleanUp(shutdown: Shutdown, withinMs: number): Promise<void> {
  const logger = new Logger('host');
  const closing = shutdown.close().catch((error: unknown) => logger.error(error));
  if (!(await within(closing, withinMs)))
    logger.error(`not stopped after ${withinMs / 1_000} s, still busy: ${shutdown.busy().join(', ')}`);
}

/**
 * Waits once until everything that the process needs answers, so that its first request finds it ready. If that takes
 * longer, the start continues, and the process is not ready until then.
 */
async function settled(readiness: Readiness, logger: ProcessLogger): Promise<void> {
  const late = await readiness.settle(SETTLE_WITHIN_MS);
  if (late.length > 0) logger.warn(`starting without waiting any longer for: ${late.join(', ')}`, 'host');
}

/** Dependencies without which the process keeps working, shown in health: the broker and the registry. */
function watchOutside({ context, readiness, transport, discovery }: ProcessParts): void {
  if (context.settings.transport === 'rabbitmq') readiness.inform('broker', () => transport.state());
  if (context.settings.consulUrl === undefined) return;
  readiness.inform('discovery', () => {
    const { state, since } = discovery.status();
    if (state === 'up') return { status: 'up' };
    return {
      status: 'degraded',
      reason: `no answer since ${since?.toISOString() ?? 'the start'}: the last known instances are used`,
    };
  });
}

/** The keys that verify access tokens come from the service that issues them. */
async function watchForKeys({ keys }: SystemDefinition, { context, discovery }: ProcessParts): Promise<void> {
  if (keys !== undefined && !context.services.includes(keys.service)) await discovery.watch([keys.service]);
}

/** The name in traces and logs: the names of the selected services, or `seam` for all. */
const processName = (selected: readonly ServiceDefinition[], { services }: Settings): string =>
  services === undefined && selected.length > 1 ? 'seam' : selected.map(({ name }) => name).join('+');

function partsOf(
  selected: readonly ServiceDefinition[],
  settings: Settings,
  databases: Databases,
  outside: Pick<ProcessParts, 'transport' | 'discovery' | 'telemetry'>,
): ProcessParts {
  return {
    ...outside,
    context: new HostedProcess(
      settings,
      selected.map(({ name }) => name),
      databases,
    ),
    notes: new StartupNotes(),
    drains: new DrainRegistry(),
    backlog: new Backlog(),
    readiness: new Readiness(),
    metrics: new Metrics(),
  };
}

/** A gateway process documents the messages of all services, like their routes. */
const documentedServices = (system: SystemDefinition, selected: readonly ServiceDefinition[]): string[] =>
  selected.some(({ document }) => document !== undefined)
    ? Object.keys(system.subscriptions)
    : selected.map(({ name }) => name);

async function createApplication(
  system: SystemDefinition,
  selected: readonly ServiceDefinition[],
  parts: ProcessParts,
  logger: ProcessLogger,
  shutdown: Shutdown,
  adapter: SeamExpressAdapter,
): Promise<NestExpressApplication> {
  const inFlight = new InFlight();
  const root = ProcessModule.of(system, selected, parts);
  await checkServiceModules([root]);
  const shared = await sharedRoutesIn([root]);
  const app = await NestFactory.create<NestExpressApplication>(
    { ...root, imports: [...(root.imports ?? []), ...shared] },
    adapter,
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest's options extend a class
    { logger, abortOnError: false, bodyParser: false, rawBody: true },
  );
  shutdown.app = app;
  shutdown.inFlight = inFlight;
  inFlight.watch(app.getHttpServer());
  adapter.overload = overloadOf(parts, inFlight, app.getHttpServer());
  configureHttp(app, [inFlight.middleware, parts.metrics.middleware]);
  configureHome(app, system, parts.context.services);
  configureAsyncApi(app, system, documentedServices(system, selected));
  configureDocs(app, system.texts, selected.find(({ document }) => document !== undefined)?.document);
  if (parts.telemetry !== undefined) app.useGlobalInterceptors(new HandlerSpans(servicesOfControllers(app)));
  for (const { name, messages } of selected) {
    if (messages !== false) connectTransport(app, parts.transport.receiverFor(name));
  }
  return app;
}

function overloadOf({ context, backlog, metrics }: ProcessParts, inFlight: InFlight, server: Server): Overload {
  const { overloadMs: limitMs, backlogMs } = context.settings;
  const { registry } = metrics;
  const overload = new Overload({ limitMs, backlogMs, inFlight: () => inFlight.count, backlog, registry });
  overload.watch(server);
  return overload;
}

/** Registers the edge handler of the services, if one has it; after the init, which its provider needs. */
function putEdgeHandler(
  adapter: SeamExpressAdapter,
  app: NestExpressApplication,
  selected: readonly ServiceDefinition[],
  { metrics }: ProcessParts,
  { inFlight }: Shutdown,
): void {
  const edgeHandler = selected.find((definition) => definition.edgeHandler !== undefined)?.edgeHandler;
  if (edgeHandler === undefined || inFlight === undefined) return;
  adapter.edgeHandler = observed(app.get(edgeHandler, { strict: false }), inFlight, metrics);
}

/**
 * Lets Nest start and close a service's transport with the application. The service's own module binds its handlers to
 * it, so Nest's listeners, one pipeline per handler, are not registered. Without the two marks Nest would register
 * them, and run every module's start hooks again for each transport.
 */
function connectTransport(app: NestExpressApplication, strategy: CustomTransportStrategy): void {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- it is one, declared by its interface
  const microservice = app.connectMicroservice({ strategy }, { deferInitialization: true }) as NestMicroservice;
  microservice.setIsInitialized(true);
  microservice.setIsInitHookCalled(true);
}

import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { Discovery } from '@seam/discovery';
import { MessagingModule, type Transport } from '@seam/messaging';
import type { Telemetry } from '@seam/observability';
import { Backlog, DrainRegistry, Metrics, ProcessContext, Readiness, StartupNotes } from '@seam/process';
import { SecurityModule } from '@seam/security';
import { HandlerCheck } from './handler-check.js';
import { HealthController } from './health/health.controller.js';
import { keySource } from './keys.js';
import { MessagesModule } from './messages/messages.module.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { moduleFor, type ServiceDefinition } from './service-definition.js';
import type { SystemDefinition } from './system-definition.js';

/** The providers that exist once per process, for every service in it. */
export interface ProcessParts {
  readonly context: ProcessContext;
  readonly transport: Transport;
  readonly discovery: Discovery;
  readonly notes: StartupNotes;
  readonly drains: DrainRegistry;
  readonly backlog: Backlog;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  /** Undefined if no traces are recorded. */
  readonly telemetry: Telemetry | undefined;
}

/** The root of a process' application: its own parts, global, and each service's module, none of which is. */
@Module({})
export class ProcessModule {
  static of({ keys }: SystemDefinition, services: readonly ServiceDefinition[], parts: ProcessParts): DynamicModule {
    return {
      module: ProcessModule,
      global: true,
      imports: [
        DiscoveryModule,
        SecurityModule.forProcess(keySource(keys, parts.context.services, parts.context.settings, parts.discovery)),
        TerminusModule.forRoot({ logger: false }),
        MessagingModule.forProcess(parts.transport),
        ...(parts.telemetry?.modules ?? []),
        ...(services.some(({ messages }) => messages !== false) ? [MessagesModule] : []),
        ...services.map(({ module }) => moduleFor(module, parts.context.settings)),
      ],
      controllers: [HealthController, MetricsController],
      providers: [
        { provide: ProcessContext, useValue: parts.context },
        { provide: Discovery, useValue: parts.discovery },
        { provide: StartupNotes, useValue: parts.notes },
        { provide: DrainRegistry, useValue: parts.drains },
        { provide: Backlog, useValue: parts.backlog },
        { provide: Readiness, useValue: parts.readiness },
        { provide: Metrics, useValue: parts.metrics },
        HandlerCheck,
      ],
      exports: [ProcessContext, Discovery, StartupNotes, DrainRegistry, Backlog, Readiness, Metrics],
    };
  }
}

import type { DynamicModule, Type } from '@nestjs/common';
import type { Settings, SettingsDeclaration } from '@seam/process';
import type { ApiDocument } from './docs/api-document.js';
import type { EdgeHandler } from './edge-handler.js';

/** A module that takes its adapters by the settings: which engine a service's data is in. */
export interface ModuleBySettings {
  on(settings: Settings): DynamicModule;
}

/** What a service tells its host. */
export interface ServiceDefinition {
  /** As in message types and database names: lower case. */
  readonly name: string;
  readonly module: Type | ModuleBySettings;
  /** What it can be told by its environment; it has the values from `ProcessContext.settings.of`. */
  readonly settings?: SettingsDeclaration;
  /** The services it sends commands to or takes events from: it cannot run where they cannot be reached. */
  readonly needs: readonly string[];
  /** Of its module's providers the one that sees each of the process' requests before the application. */
  readonly edgeHandler?: Type<EdgeHandler>;
  /** Of its module's providers the one that completes what `/docs` shows of the process. */
  readonly document?: Type<ApiDocument>;
  /** `false` where it takes and sends no messages: it has no receiver, and no dead letters. */
  readonly messages?: false;
}

export const moduleFor = (module: Type | ModuleBySettings, settings: Settings): Type | DynamicModule =>
  'on' in module ? module.on(settings) : module;

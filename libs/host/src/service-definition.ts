import type { DynamicModule, Type } from '@nestjs/common';
import type { Settings, SettingsDeclaration } from '@seam/process';
import type { ApiDocument } from './docs/api-document.js';
import type { EdgeHandler } from './edge-handler.js';

/** Makes a service's module with the adapters of the engine that the settings choose. */
export interface ModuleBySettings {
  on(settings: Settings): DynamicModule;
}

/** The definition of a service for its host. */
export interface ServiceDefinition {
  /** As in message types and database names: lower case. */
  readonly name: string;
  readonly module: Type | ModuleBySettings;
  /** Its own settings from the environment; it reads the values by `ProcessContext.settings.of`. */
  readonly settings?: SettingsDeclaration;
  /** The services that it sends commands to or gets events from: it cannot run if they cannot be reached. */
  readonly needs: readonly string[];
  /** The provider of its module that gets each of the process' requests before the application. */
  readonly edgeHandler?: Type<EdgeHandler>;
  /** The provider of its module that completes the document at `/docs`. */
  readonly document?: Type<ApiDocument>;
  /** `false` if it neither receives nor sends messages: then it has no receiver, and no dead letters. */
  readonly messages?: false;
}

export const moduleFor = (module: Type | ModuleBySettings, settings: Settings): Type | DynamicModule =>
  'on' in module ? module.on(settings) : module;

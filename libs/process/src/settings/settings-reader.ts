import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { StartError } from '../start-error.js';

/** How a setting's text is parsed, and a description of the allowed values. */
export interface Reader<T> {
  readonly schema: z.ZodType<T>;
  readonly may: string;
  /** Its text is never repeated in a message. */
  readonly secret?: boolean;
}

/**
 * A setting of a service. Its schema gets undefined if it is not set, so a default or `optional` belongs to the schema.
 */
export interface Setting<T = unknown> extends Reader<T> {
  /** The environment variable: `SEAM_*`, except for established names such as `DATABASE_URL`. */
  readonly name: string;
}

/** A setting that a service reads from its environment. */
export type SettingsDeclaration = Readonly<Record<string, Setting>>;
export type ValuesOf<D extends SettingsDeclaration> = {
  readonly [K in keyof D]: D[K] extends { readonly schema: z.ZodType<infer T> } ? T : never;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads an environment: an empty value counts as unset, and `NAME_FILE` names a file that holds the value of `NAME`, as
 * secrets are given to containers. Errors are collected, and reported together.
 */
export class SettingsReader {
  readonly #wrong = new Set<string>();

  constructor(private readonly environment: Environment) {}

  /** Undefined if it is not set or invalid. */
  read<T>(name: string, reader: Reader<T>): T | undefined {
    const text = this.#textOf(name);
    return text === undefined ? undefined : this.#parse(name, text, reader);
  }

  values<D extends SettingsDeclaration>(declaration: D): ValuesOf<D> {
    const values = Object.entries(declaration).map(([key, setting]) => [
      key,
      this.#parse(setting.name, this.#textOf(setting.name), setting),
    ]);
    return Object.fromEntries(values) as ValuesOf<D>;
  }

  refuse(line: string): void {
    this.#wrong.add(line);
  }

  /** Throws one {@link StartError} for all invalid settings. */
  finish(): void {
    if (this.#wrong.size === 0) return;
    throw new StartError(`Seam cannot start with these settings:\n  ${[...this.#wrong].join('\n  ')}`);
  }

  #parse<T>(name: string, text: string | undefined, { schema, may, secret }: Reader<T>): T | undefined {
    const parsed = schema.safeParse(text);
    if (parsed.success) return parsed.data;
    if (text === undefined) this.refuse(`${name} is not set: ${may}`);
    else this.refuse(secret === true ? `${name}: ${may}` : `${name} is ${JSON.stringify(text)}: ${may}`);
    return undefined;
  }

  #textOf(name: string): string | undefined {
    const text = this.environment[name] ?? '';
    const file = this.environment[`${name}_FILE`] ?? '';
    if (file === '') return text === '' ? undefined : text;
    if (text !== '') {
      this.refuse(`${name} and ${name}_FILE are both set: unset one`);
      return undefined;
    }
    try {
      return readFileSync(file, 'utf8').trim();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      this.refuse(`${name}_FILE is ${JSON.stringify(file)}: it cannot be read (${code})`);
      return undefined;
    }
  }
}

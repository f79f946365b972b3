import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { StartError } from '../start-error.js';

/** How a setting's text is read, and in words what it may be. */
export interface Reader<T> {
  readonly schema: z.ZodType<T>;
  readonly may: string;
  /** Its text is repeated nowhere. */
  readonly secret?: boolean;
}

/** A setting of a service. Its schema is given undefined where it is not set: a default or `optional` is the schema's. */
export interface Setting<T = unknown> extends Reader<T> {
  /** Of the environment variable: `SEAM_*`, but for names that others have coined. */
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

  /** Undefined where it is unset or wrong. */
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

  /** Throws one {@link StartError} for all that was wrong. */
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

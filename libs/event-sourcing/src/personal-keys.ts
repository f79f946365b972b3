import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';

/** In place of the key of a person who was forgotten. */
export const FORGOTTEN_KEY = 'forgotten';

export type PersonKey = KeyObject | typeof FORGOTTEN_KEY;

/**
 * The keys by which personal fields of a service's events are encrypted, one per person. They are in the same store as the
 * events; an operator who keeps copies of the store has to delete the keys in them, too.
 */
export abstract class PersonalKeys {
  /** The keys of these persons; persons that never had a key are left out. Read from the store each time. */
  abstract existing(persons: readonly string[]): Promise<ReadonlyMap<string, PersonKey>>;

  /**
   * The keys of all these persons; missing ones are created, and are durable when it resolves. Of several processes that
   * create the key of one person at once, all get the same. A person who was forgotten gets no new key.
   */
  abstract made(persons: readonly string[]): Promise<ReadonlyMap<string, PersonKey>>;

  /**
   * Deletes a person's key, for ever: fields of the person read as `FORGOTTEN` from then on, also those that are stored later.
   * Resolves when that is durable; repeating it changes nothing.
   */
  abstract forget(person: string): Promise<void>;
}

/** A person's key as it is stored; without bytes if the person was forgotten. */
export const personKeyOf = (bytes: Uint8Array | null | undefined): PersonKey =>
  bytes == null ? FORGOTTEN_KEY : createSecretKey(Buffer.from(bytes));

export const newPersonKey = (): Buffer => randomBytes(32);

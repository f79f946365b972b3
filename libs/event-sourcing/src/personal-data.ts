import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import type { DomainEvent } from './event.js';
import type { RecordedEvent } from './event-store.js';
import { FORGOTTEN_KEY, type PersonalKeys, type PersonKey } from './personal-keys.js';

/** The value of a personal field of an event after its person was forgotten. */
export const FORGOTTEN = '(forgotten)';

/** The key of the encrypted fields in an event's data. */
const ENCRYPTED = '_personal';

const CIPHER = 'aes-256-gcm';
const [NONCE_BYTES, TAG_BYTES] = [12, 16] as const;
/** A shorter tag, as of a text that was cut off, is an error: GCM would accept it. */
const TAG = { authTagLength: TAG_BYTES };

/**
 * The person that a field belongs to: the id, from the event's data or from the state before the event; undefined: no
 * person.
 */
type PersonOf<S, D> = (data: D, state: S) => string | undefined;

/** The fields of an event that may be declared as personal: texts, so that {@link FORGOTTEN} is a valid value. */
type TextKeys<D> = { [K in keyof D]-?: NonNullable<D[K]> extends string ? K : never }[keyof D];

type FieldsOf<S, E extends DomainEvent> = {
  readonly [T in E['type']]?: {
    readonly [K in TextKeys<Extract<E, { type: T }>['data']>]?: PersonOf<S, Extract<E, { type: T }>['data']>;
  };
};

/** Fields of one event, by the person whose they are. */
export type PersonalFieldsByPerson = ReadonlyMap<string, readonly string[]>;

/** Which fields of an aggregate's events are personal, and whose. */
export class PersonalFields {
  readonly #types = new Map<string, readonly (readonly [string, PersonOf<unknown, unknown>])[]>();

  constructor(fields: Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>) {
    for (const [type, of] of Object.entries(fields))
      this.#types.set(type, Object.entries(of ?? {}) as [string, PersonOf<unknown, unknown>][]);
  }

  /** Those of an event that has just been decided; undefined if it has none. */
  of({ type, data }: DomainEvent, state: unknown): PersonalFieldsByPerson | undefined {
    const declared = this.#types.get(type);
    if (declared === undefined) return undefined;
    const found = new Map<string, string[]>();
    for (const [field, personOf] of declared) {
      const person = (data as Record<string, unknown>)[field] === undefined ? undefined : personOf(data, state);
      if (person !== undefined) found.set(person, [...(found.get(person) ?? []), field]);
    }
    return found.size === 0 ? undefined : found;
  }
}

/**
 * Declares the personal fields of an aggregate's events: `personalFields<Order, OrderEvent>()({ 'order-placed': { note:
 * (data) => data.userId } })`. They are stored encrypted by the key of their person; one event may have fields of
 * several.
 */
export const personalFields =
  <S, E extends DomainEvent>() =>
  (fields: FieldsOf<S, E>): PersonalFields =>
    new PersonalFields(fields);

/** The encrypted fields of one person. */
interface EncryptedFields {
  readonly of: string;
  readonly fields: readonly string[];
  /** Base64: a nonce, the fields' values as a JSON array, and the tag. Missing if the person was forgotten before. */
  readonly text?: string;
}

/** An event to be stored at a place in a stream, and its personal fields. */
export interface PersonalEvent {
  readonly data: unknown;
  readonly personal?: PersonalFieldsByPerson | undefined;
}

/** An append whose events may have personal fields. */
interface PersonalAppend<E> {
  readonly stream: string;
  readonly expectedVersion: number;
  readonly events: readonly E[];
}

/**
 * The appends with all personal fields encrypted, each bound to its event's place. The only place where events are
 * encrypted. Reads keys only if there are such fields, and creates those that are missing before it resolves.
 */
export async function encrypted<E extends PersonalEvent, A extends PersonalAppend<E>>(
  appends: readonly A[],
  keys: PersonalKeys,
): Promise<readonly A[]> {
  const persons = new Set(
    appends.flatMap(({ events }) =>
      events.flatMap(({ personal }) => (personal === undefined ? [] : [...personal.keys()])),
    ),
  );
  if (persons.size === 0) return appends;
  const found = await keys.made([...persons]);
  return appends.map((append) => ({
    ...append,
    events: append.events.map((event, index) =>
      encryptEvent(event, placeOf(append.stream, append.expectedVersion + index + 1), found),
    ),
  }));
}

function encryptEvent<E extends PersonalEvent>(event: E, place: string, keys: ReadonlyMap<string, PersonKey>): E {
  const { personal, ...stored } = event;
  if (personal === undefined) return event;
  const data = event.data as Record<string, unknown>;
  const encrypted: EncryptedFields[] = [];
  for (const [of, fields] of personal) {
    const key = keys.get(of) ?? FORGOTTEN_KEY;
    const values = fields.map((field) => data[field]);
    encrypted.push({
      of,
      fields,
      ...(key === FORGOTTEN_KEY ? {} : { text: encryptText(JSON.stringify(values), key, place) }),
    });
  }
  const removed = new Set([...personal.values()].flat());
  const readable = Object.entries(data).filter(([field]) => !removed.has(field));
  return { ...(stored as E), data: { ...Object.fromEntries(readable), [ENCRYPTED]: encrypted } };
}

type EncryptedEvent = Pick<RecordedEvent, 'stream' | 'version' | 'data'>;

/**
 * The events with their personal fields, as they were stored; {@link FORGOTTEN} for those of persons whose key was
 * deleted. The only place where events are decrypted. Keys are read each time, so that a deleted one has an effect at
 * once; and only if there are encrypted fields. A damaged field makes an event that cannot be read.
 */
export async function decrypted<E extends EncryptedEvent>(events: readonly E[], keys: PersonalKeys): Promise<E[]> {
  const persons = new Set(events.flatMap((event) => encryptedIn(event).map(({ of }) => of)));
  if (persons.size === 0) return events as E[];
  const found = await keys.existing([...persons]);
  return events.map((event) => decryptEvent(event, found));
}

function decryptEvent<E extends EncryptedEvent>(event: E, keys: ReadonlyMap<string, PersonKey>): E {
  const fields = encryptedIn(event);
  if (fields.length === 0) return event;
  const { [ENCRYPTED]: _, ...data } = event.data as Record<string, unknown>;
  try {
    for (const one of fields) {
      const key = keys.get(one.of) ?? FORGOTTEN_KEY;
      const values =
        one.text === undefined || key === FORGOTTEN_KEY
          ? one.fields.map(() => FORGOTTEN)
          : (JSON.parse(decryptText(one.text, key, placeOf(event.stream, event.version))) as unknown[]);
      for (const [index, field] of one.fields.entries()) data[field] = values[index];
    }
    return { ...event, data };
  } catch {
    return { ...event, data: null };
  }
}

function encryptedIn({ data }: { readonly data: unknown }): readonly EncryptedFields[] {
  if (typeof data !== 'object' || data === null || !(ENCRYPTED in data)) return [];
  return Array.isArray(data[ENCRYPTED]) ? (data[ENCRYPTED] as EncryptedFields[]) : [];
}

const placeOf = (stream: string, version: number): string => `${stream}@${version}`;

function encryptText(text: string, key: KeyObject, place: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, TAG).setAAD(Buffer.from(place));
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

function decryptText(text: string, key: KeyObject, place: string): string {
  const bytes = Buffer.from(text, 'base64');
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), TAG);
  decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-TAG_BYTES));
  return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
}

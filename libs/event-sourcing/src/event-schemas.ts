import type { DomainEvent, NewEvent, StoredEvent } from './event.js';

/** The versions of one event type's data. A type without a schema has version 1. */
export interface EventSchema<D = never> {
  /** The version that the code works with. */
  readonly version: number;
  /** For every earlier version, a pure function that turns its data into the data of the next version. */
  readonly upcasts: Readonly<Record<number, (data: never) => object>>;
  /** Earlier names of the type. Their events are read as this type's, of the schema version that they are stored with. */
  readonly earlierNames?: readonly string[];
  /**
   * What is stored until no running process is older than this schema: data of an earlier version, made by a pure
   * function. `upcasts` must turn it into data that is folded into the same state. Remove it in the next release.
   */
  readonly storedAs?: { readonly version: number; readonly downcast: (data: D) => object };
}

/** The schemas of an aggregate's event types; by the type. */
type SchemasOf<E extends DomainEvent> = {
  readonly [T in E['type']]?: EventSchema<Extract<E, { type: T }>['data']>;
};

type Convert = (data: unknown) => object;

/** How to read and store one event type. */
interface Chain {
  readonly type: string;
  readonly version: number;
  /** For each earlier version, beginning with 1: all its upcasts, as one function. */
  readonly upcasts: readonly Convert[];
  readonly storedAs?: { readonly version: number; readonly downcast: Convert };
}

/** The schemas of an aggregate's events, whose upcasts are composed once, when they are defined. */
export class EventSchemas {
  readonly #chains = new Map<string, Chain>();

  constructor(schemas: Readonly<Record<string, EventSchema | undefined>>) {
    for (const [type, schema] of Object.entries(schemas)) {
      if (schema === undefined) continue;
      const chain = chainOf(type, schema);
      for (const name of [type, ...(schema.earlierNames ?? [])]) {
        if (this.#chains.has(name)) throw new Error(`two event schemas are of the type ${name}; remove one of them`);
        this.#chains.set(name, chain);
      }
    }
  }

  /**
   * The event in the form that the code works with. Throws for a schema version that this process does not know.
   * Idempotent.
   */
  read<E extends StoredEvent>(event: E): E {
    const { type, schemaVersion, data } = event;
    const chain = this.#chains.get(type);
    const version = chain?.version ?? 1;
    if (!Number.isInteger(schemaVersion) || schemaVersion < 1 || schemaVersion > version)
      throw new Error(
        `its schema version is ${schemaVersion}, and this process knows up to ${version}: a newer release has stored it`,
      );
    if (chain === undefined || (schemaVersion === version && type === chain.type)) return event;
    const upcast = chain.upcasts[schemaVersion - 1];
    return { ...event, type: chain.type, schemaVersion: version, data: upcast === undefined ? data : upcast(data) };
  }

  /** The event, which is in the form that the code works with, in the form in which it is to be stored. */
  store(event: DomainEvent): NewEvent {
    const chain = this.#chains.get(event.type);
    if (chain === undefined) return event;
    const { storedAs } = chain;
    const stored = storedAs === undefined ? event : { ...event, data: storedAs.downcast(event.data) };
    return { ...stored, schemaVersion: storedAs?.version ?? chain.version };
  }
}

/**
 * Declares the schema versions of an aggregate's events: `eventSchemas<OrderEvent>({ 'order-placed': { version: 2,
 * upcasts: { 1: (data: PlacedV1) => … } } })`. Throws if a chain has a gap, or does not lead to its version.
 */
export const eventSchemas = <E extends DomainEvent>(schemas: SchemasOf<E>): EventSchemas => new EventSchemas(schemas);

const NO_SCHEMAS = new EventSchemas({});

/** An event that is stored, or was decided by this process, in the form that the aggregate works with. */
export function currentForm<E extends NewEvent>(
  { schemas = NO_SCHEMAS }: { readonly schemas?: EventSchemas | undefined },
  event: E,
): E {
  return isStored(event) ? schemas.read(event) : event;
}

const isStored = <E extends NewEvent>(event: E): event is E & StoredEvent => event.schemaVersion !== undefined;

function chainOf(type: string, { version, upcasts, storedAs }: EventSchema): Chain {
  if (!Number.isInteger(version) || version < 1)
    throw new Error(`the schema version of ${type} is ${version}; it must be 1, 2, 3 …`);
  for (const from of Object.keys(upcasts).map(Number))
    if (!Number.isInteger(from) || from < 1 || from >= version)
      throw new Error(`${type} has an upcast from version ${from}, but its schema version is ${version}`);
  const composed: Convert[] = [];
  for (let from = version - 1; from >= 1; from -= 1) {
    const upcast = upcasts[from] as Convert | undefined;
    if (upcast === undefined)
      throw new Error(`${type} has schema version ${version}, but no upcast from version ${from}; add it`);
    const rest = composed[0];
    composed.unshift(rest === undefined ? upcast : (data) => rest(upcast(data)));
  }
  if (storedAs !== undefined && !(storedAs.version >= 1 && storedAs.version < version))
    throw new Error(`${type} is stored as version ${storedAs.version}, which is no version before ${version}`);
  return {
    type,
    version,
    upcasts: composed,
    ...(storedAs === undefined ? {} : { storedAs: storedAs as Chain['storedAs'] & object }),
  };
}

import { isId } from '@seam/kernel';
import type { AppendedEvent } from '../deciding.js';
import type { EventMetadata } from '../event.js';
import type { PositionedEvent, RecordedEvent } from '../event-store.js';

/** The columns of an event that its state is made of. */
export const COLUMNS = 'stream, version, type, data, at, schema_version';
/** Of why it was appended. */
export const METADATA_COLUMNS = 'causation_id, trace_id, correlation_id, metadata';

/** Ids are columns of 16 bytes each; what is no UUID, and the actor of a request, is JSON. All are null otherwise. */
interface MetadataRow {
  readonly causation_id: string | null;
  readonly trace_id: string | null;
  readonly correlation_id: string | null;
  readonly metadata: Partial<EventMetadata> | null;
}

export interface EventRow extends Partial<MetadataRow> {
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly data: unknown;
  readonly at: string;
  /** None: 1. */
  readonly schema_version: number | null;
}

/** The values to insert for an event, besides its stream and version; those that are null are left out. */
export function insertedValues(event: AppendedEvent): object {
  const { type, data, at, schemaVersion = 1, metadata } = event;
  return {
    type,
    data,
    at,
    ...(schemaVersion === 1 ? {} : { schema_version: schemaVersion }),
    ...(metadata === undefined ? {} : metadataValues(metadata)),
  };
}

function metadataValues({ causationId, traceId, correlationId, ...other }: EventMetadata): Partial<MetadataRow> {
  const [causation, trace, correlation] = [uuidOr(causationId), uuidOf(traceId), uuidOr(correlationId)];
  const metadata = {
    ...other,
    ...(causationId === undefined || causation !== undefined ? {} : { causationId }),
    ...(traceId === undefined || trace !== undefined ? {} : { traceId }),
    ...(correlationId === undefined || correlation !== undefined ? {} : { correlationId }),
  };
  return {
    ...(causation === undefined ? {} : { causation_id: causation }),
    ...(trace === undefined ? {} : { trace_id: trace }),
    ...(correlation === undefined ? {} : { correlation_id: correlation }),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  };
}

/** The id if the server gives a UUID back as exactly this text. */
const uuidOr = (id: string | undefined): string | undefined =>
  id !== undefined && isId(id) && id === id.toLowerCase() ? id : undefined;

/** The id of a trace, which is a UUID without hyphens. */
const uuidOf = (traceId: string | undefined): string | undefined =>
  traceId !== undefined && /^[0-9a-f]{32}$/.test(traceId) ? traceId : undefined;

export const recorded = ({ stream, version, type, data, at, schema_version }: EventRow): RecordedEvent => ({
  stream,
  version,
  type,
  data,
  at,
  schemaVersion: schema_version ?? 1,
});

/** Of a row with {@link METADATA_COLUMNS}. */
export function recordedWithMetadata(row: EventRow): RecordedEvent {
  const { causation_id: causationId, trace_id: traceId, correlation_id: correlationId, metadata } = row;
  if (causationId == null && traceId == null && correlationId == null && metadata == null) return recorded(row);
  const found: EventMetadata = {
    ...metadata,
    ...(causationId == null ? {} : { causationId }),
    ...(traceId == null ? {} : { traceId: traceId.replaceAll('-', '') }),
    ...(correlationId == null ? {} : { correlationId }),
  };
  return { ...recorded(row), metadata: found };
}

export const positioned = (row: EventRow & { readonly tx: string; readonly seq: string }): PositionedEvent => ({
  ...recordedWithMetadata(row),
  position: { tx: row.tx, seq: row.seq },
});

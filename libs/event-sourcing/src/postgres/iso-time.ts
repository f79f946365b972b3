import pg from 'pg';

const UTC = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?\+00$/;

/**
 * Converts a `timestamptz` in the server's format into ISO 8601 UTC with milliseconds, without a Date for each event. A value
 * that is no time (`infinity`) stays unchanged, so that it does not fail its whole query.
 */
export function isoTime(text: string): string {
  const match = UTC.exec(text);
  if (match === null) return Number.isNaN(Date.parse(text)) ? text : new Date(text).toISOString();
  const [, day, time, fraction = ''] = match;
  return `${String(day)}T${String(time)}.${fraction.padEnd(3, '0').slice(0, 3)}Z`;
}

const TIMESTAMPTZ: number = pg.types.builtins.TIMESTAMPTZ;
const standard = pg.types.getTypeParser as (oid: number, format?: string) => (text: string) => unknown;

/** Parses times by {@link isoTime}, and all other types as pg does. */
export const isoTimes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: string) =>
    oid === TIMESTAMPTZ ? isoTime : standard(oid, format)) as typeof pg.types.getTypeParser,
};

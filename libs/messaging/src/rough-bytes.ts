/** Approximate size of a value as JSON in bytes, without serialising it: exact enough to limit memory. */
export function roughBytes(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 8;
  let bytes = 2;
  if (Array.isArray(value)) for (const item of value) bytes += roughBytes(item) + 1;
  else for (const [name, item] of Object.entries(value)) bytes += name.length + 4 + roughBytes(item);
  return bytes;
}

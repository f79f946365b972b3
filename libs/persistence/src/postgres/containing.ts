/** A LIKE pattern for texts that contain this one as it is, its `%`, `_` and `\` included. */
export const containing = (text: string): string => `%${text.replace(/[\\%_]/g, String.raw`\$&`)}%`;

/** A LIKE pattern for texts that contain this text literally: `%`, `_` and `\` in it are escaped. */
export const containing = (text: string): string => `%${text.replace(/[\\%_]/g, String.raw`\$&`)}%`;

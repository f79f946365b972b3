import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

export interface Cell {
  readonly text: string;
  readonly style?: Style;
  readonly align?: 'right';
}

/** A row of cells, or a separate line below the row before. */
export type Row = readonly Cell[] | { readonly note: string; readonly style?: Style };

const isNote = (row: Row): row is Extract<Row, { note: string }> => 'note' in row;

/** Rows with aligned columns; styles only if the output is a terminal that supports them. */
export function table(rows: readonly Row[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    if (isNote(row)) continue;
    row.forEach(({ text }, column) => (widths[column] = Math.max(widths[column] ?? 0, text.length)));
  }
  return rows.map((row) => (isNote(row) ? styled(row.note, row.style) : line(row, widths))).join('\n');
}

const line = (cells: readonly Cell[], widths: readonly number[]): string =>
  cells
    .map(({ text, style, align }, column) => {
      const gap = ' '.repeat((widths[column] ?? 0) - text.length);
      return align === 'right' ? gap + styled(text, style) : styled(text, style) + gap;
    })
    .join('  ')
    .trimEnd();

export const styled = (text: string, style: Style | undefined): string =>
  style === undefined ? text : styleText(style, text);

import type { Settings } from '@seam/process';
import type { RunningProcess } from './running-process.js';
import type { SystemTexts } from './system-definition.js';

export type LogFormat = Settings['logFormat'];

/**
 * The start-up lines for the terminal; with JSON logs, one line of JSON. Written without the logger, so at any log level:
 * a generated password may be among the notes.
 */
export function announcement(
  system: Pick<SystemTexts, 'name'>,
  { name, url, dataPlace, notes }: Pick<RunningProcess, 'name' | 'url' | 'dataPlace' | 'notes'>,
  readyMs: number,
  format: LogFormat,
): string {
  const ready = `${system.name} is ready in ${Math.round(readyMs)} ms`;
  if (format === 'json') {
    const places = { api: url, docs: `${url}/docs`, data: dataPlace };
    return line('info', ready, { service: name, ...places, ...(notes.length === 0 ? {} : { notes }) });
  }
  const lines = [
    ready,
    `  api    ${url}`,
    `  docs   ${url}/docs`,
    ...(dataPlace === undefined ? [] : [`  data   ${dataPlace}`]),
    ...notes.map((note) => `  ${note}`),
  ];
  return `\n${lines.join('\n')}\n\n`;
}

/** Formats the reason why a process fails; usable before there is a logger. */
export const failureText = (text: string, format: LogFormat): string =>
  format === 'json' ? line('fatal', text) : `${text}\n`;

const line = (level: 'info' | 'fatal', msg: string, more: object = {}): string => {
  const head = { level, time: new Date().toISOString(), pid: process.pid, context: 'host' };
  return `${JSON.stringify({ ...head, ...more, msg })}\n`;
};

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '../..');

/** The apps that are not services: one hosts all services, one is the gateway. */
const NO_SERVICES = ['monolith', 'gateway'];

/** The services, found on disk. */
export const services: readonly string[] = readdirSync(join(ROOT, 'apps'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !NO_SERVICES.includes(entry.name))
  .map(({ name }) => name);

export const exists = (path: string): boolean => existsSync(join(ROOT, path));
export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The TypeScript files below a folder, by their paths from the root; empty if there is no such folder. */
export function filesIn(folder: string): string[] {
  if (!exists(folder)) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

const isTest = (path: string): boolean =>
  /\.(spec|suite)\.ts$/.test(path) || /\/(testing|[a-z-]+-suite)\//.test(path) || basename(path) === 'testing';

/** The sources of an app or a library that run in production. */
export const productionFiles = (folder: string): string[] => filesIn(folder).filter((path) => !isTest(path));

/** The texts in a source: the strings, with `$` for inserted values. */
export function textsIn(source: string): string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) texts.push(node.text);
    if (ts.isTemplateExpression(node))
      texts.push([node.head, ...node.templateSpans.map(({ literal }) => literal)].map(({ text }) => text).join('$'));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('x.ts', source, ts.ScriptTarget.Latest));
  return texts;
}

/** The names a source imports from a module, types among them. */
export function importsFrom(module: string, source: string): string[] {
  const clauses = [...source.matchAll(/import\s+(?:type\s+)?\{([^}]*)\}\s+from\s+'([^']+)'/g)];
  return clauses
    .filter(([, , from]) => from === module)
    .flatMap(([, names = '']) => names.split(','))
    .map((name) => name.trim().replace(/^type\s+/, ''))
    .filter((name) => name !== '');
}

import { read } from '../architecture/sources.js';

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const { panels } = JSON.parse(read('deploy/grafana/dashboards/seam.json')) as { panels: Panel[] };

/** The queries of the dashboards. */
export const queries: readonly string[] = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

/** The queries of the alerts: the text of the rules, one query each. */
export const alertQueries: readonly string[] = [
  ...read('deploy/prometheus/alerts.yml').matchAll(/^ {8}expr: (?:\|\n((?: {10}.*\n)+)|(.*)\n)/gm),
].map(([, block, line]) => (block ?? line ?? '').trim());

/** A series that a query uses, and the labels by which it selects or groups. */
interface UsedMetric {
  readonly metric: string;
  readonly labels: readonly string[];
}

const OPERATORS = new Set(['and', 'or', 'unless', 'on', 'ignoring', 'without', 'bool', 'offset']);

/** The metrics of a query: the names that are left without texts, labels, ranges and functions. */
export function metricsIn(query: string): UsedMetric[] {
  const grouped = [...query.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(/,\s*/));
  const bare = query
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/\bby \([^)]*\)/g, '')
    .replaceAll(/\[[^\]]*\]/g, '');
  return [...bare.matchAll(/\b([a-z_][a-z0-9_]*)\b(?:\{([^}]*)\})?(?!\s*\()/g)]
    .filter(([, name = '']) => !OPERATORS.has(name))
    .map(([, metric = '', selector = '']) => ({
      metric,
      labels: [...grouped, ...[...selector.matchAll(/(\w+)\s*[=!]/g)].map(([, label = '']) => label)],
    }));
}

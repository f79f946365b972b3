/** The part of Prometheus' HTTP API that shows whether it receives the metrics. */
export class PrometheusApi {
  constructor(private readonly url: string) {}

  /** The jobs and containers whose last scrape went well. */
  async up(): Promise<string[]> {
    const { activeTargets } = await this.#ask<{ activeTargets: Target[] }>('targets');
    return activeTargets.filter(({ health }) => health === 'up').map(({ labels }) => labels.container ?? labels.job);
  }

  /** The rules that could not be evaluated, each with the reason. */
  async failedRules(): Promise<string[]> {
    const { groups } = await this.#ask<{ groups: { rules: Rule[] }[] }>('rules');
    return groups
      .flatMap(({ rules }) => rules)
      .filter(({ health }) => health !== 'ok')
      .map(({ name, lastError }) => `${name}: ${lastError}`);
  }

  /** Every name that a series has, or may have: a metric without a value yet is declared as well. */
  async metrics(): Promise<Set<string>> {
    const declared = await this.#ask<Record<string, { type: string }[]>>('metadata');
    const ofHistograms = Object.entries(declared)
      .filter(([, [first]]) => first?.type === 'histogram')
      .flatMap(([name]) => ['_bucket', '_count', '_sum'].map((part) => name + part));
    return new Set([
      ...(await this.#ask<string[]>('label/__name__/values')),
      ...Object.keys(declared),
      ...ofHistograms,
    ]);
  }

  /** The labels of the series of this name; empty if there is no series yet. */
  async labelsOf(metric: string): Promise<Set<string> | undefined> {
    const labels = await this.#ask<string[]>(`labels?match[]=${metric}`);
    return labels.length === 0 ? undefined : new Set(labels);
  }

  async #ask<T>(what: string): Promise<T> {
    const answer = await fetch(`${this.url}/api/v1/${what}`);
    return ((await answer.json()) as { data: T }).data;
  }
}

interface Target {
  readonly labels: { readonly job: string; readonly container?: string };
  readonly health: string;
}

interface Rule {
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
}

import { productionFiles, read, services, textsIn } from '../architecture/sources.js';
import { alertQueries, metricsIn, queries } from './monitoring-queries.js';

const alerts = read('deploy/prometheus/alerts.yml');

const texts = new Set(['apps', 'libs'].flatMap(productionFiles).flatMap((path) => textsIn(read(path))));

it('uses only existing metrics', () => {
  const used = [...alertQueries, ...queries].flatMap(metricsIn).filter(({ metric }) => /^(?:seam|http)_/.test(metric));
  expect(used.length).toBeGreaterThan(15);
  const unknown = used.filter(({ metric }) => !texts.has(metric.replace(/_(?:bucket|count|sum)$/, '')));
  expect(unknown).toEqual([]);
});

it('parses every query, and its metrics', () => {
  expect(alertQueries).toHaveLength(alerts.match(/- alert:/g)?.length ?? 0);
  expect(metricsIn('max by (service, what) (seam_set_aside{a="b(c)"}[5m]) > 0 or absent(up{job="seam"})')).toEqual([
    { metric: 'seam_set_aside', labels: ['service', 'what', 'a'] },
    { metric: 'up', labels: ['service', 'what', 'job'] },
  ]);
});

it('counts requests without those for health and metrics', () => {
  const ofRequests = [...queries, ...alerts.split('\n')].filter((text) => text.includes('http_request_duration'));
  expect(ofRequests).toHaveLength(5);
  const selectors = ofRequests.flatMap((text) => text.match(/http_request_duration\w*\{[^}]*\}/g) ?? []);
  for (const selector of selectors) expect(selector).toContain('route!~"/health/.*|/metrics"');
});

it('alerts for every service that has no container', () => {
  for (const container of ['gateway', ...services])
    expect(alerts).toContain(`absent(up{job="seam",container="${container}"})`);
});

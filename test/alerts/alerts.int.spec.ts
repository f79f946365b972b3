import { findPromtool } from './promtool.js';

const promtool = findPromtool();
if (promtool === undefined) {
  process.stderr.write('promtool skipped: neither on the PATH (Debian: the package prometheus) nor as an image\n');
}

(promtool === undefined ? describe.skip : describe)('the alert rules', () => {
  it.each([
    ['are rules', ['check', 'rules', 'alerts.yml']],
    ['are read by the configuration', ['check', 'config', 'prometheus.yml']],
    ['fire when they should, and not before', ['test', 'rules', 'alerts.test.yml']],
  ])('%s', (_, args) => {
    const { status, output } = promtool!(...args);
    expect(output).toContain('SUCCESS');
    expect(status).toBe(0);
  });
});

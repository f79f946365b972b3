import tearDownEngines from '../../libs/testing/src/engines/engines-teardown.ts';
import clean from './clean.ts';

/** Jest's global tear-down of the e2e tier. */
export default function tearDown(): void {
  clean();
  tearDownEngines();
}

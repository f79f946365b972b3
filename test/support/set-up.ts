import setUpEngines from '../../libs/testing/src/engines/engines-setup.ts';
import build from './build.ts';

/** Jest's global set-up of the e2e tier. Imports end in `.ts` here, because Jest lets Node itself load the file. */
export default function setUp(): void {
  setUpEngines();
  build();
}

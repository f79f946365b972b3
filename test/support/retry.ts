import { jest } from '@jest/globals';

// Real servers on a machine that is never quiet: in CI a test that fails is told of, and tried once more. What fails
// twice has failed. A developer sees the first failure, and should.
if (process.env['CI'] === 'true') jest.retryTimes(1, { logErrorsBeforeRetry: true });

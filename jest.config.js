/** Three tiers by file name: unit (pure), int (one PostgreSQL, or another engine), e2e (the whole shop, over HTTP or as a child process). */
const tier = (name) => ({
  displayName: name,
  testEnvironment: 'node',
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test'],
  testMatch: [`**/*.${name}.spec.ts`],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2023',
          keepClassNames: true,
        },
        module: { type: 'es6' },
      },
    ],
  },
  moduleNameMapper: {
    '^@seam/([^/]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^@seam/([^/]+)/([^/]+)$': '<rootDir>/libs/$1/src/$2/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
});

export default {
  // For the slowest hook and test; unit tests have no limit of their own.
  testTimeout: 60_000,
  // Jest ends by itself; a run that does not, because a test has left something open, fails instead of hanging.
  reporters: ['default', './test/support/exit-reporter.ts'],
  projects: [
    tier('unit'),
    {
      ...tier('int'),
      globalSetup: './libs/testing/src/engines/engines-setup.ts',
      globalTeardown: './libs/testing/src/engines/engines-teardown.ts',
    },
    {
      ...tier('e2e'),
      globalSetup: './test/support/set-up.ts',
      globalTeardown: './test/support/tear-down.ts',
    },
  ],
};

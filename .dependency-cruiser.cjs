/** Who may import whom. Tests that find the services on disk add what a path pattern cannot say. */
module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-app-imports-an-app',
      comment: 'Services meet in libs/contracts. Only apps/monolith hosts them all.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/monolith/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'monolith-imports-definitions-only',
      severity: 'error',
      from: { path: '^apps/monolith/' },
      to: { path: '^apps/', pathNot: ['^apps/monolith/', '\\.definition\\.ts$'] },
    },
    {
      name: 'no-lib-imports-an-app',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'no-lib-imports-the-contracts',
      comment:
        "libs/contracts is the shop's own, and stands here only for what its apps share. No library knows the shop.",
      severity: 'error',
      from: { path: '^libs/', pathNot: '^libs/contracts/' },
      to: { path: '^libs/contracts/' },
    },
    {
      name: 'libs-through-their-face',
      comment: "A library is used by its index, or in tests by its testing folder's.",
      severity: 'error',
      from: { path: '^(apps|libs|test|bench)/([^/]+)/' },
      to: {
        path: '^libs/([^/]+)/src/',
        pathNot: [
          '^libs/$2/',
          '^libs/[^/]+/src/index\\.ts$',
          '^libs/[^/]+/src/testing/index\\.ts$',
          '^libs/messaging/src/contract/index\\.ts$',
        ],
      },
    },
    {
      name: 'domain-is-pure',
      comment: 'A domain knows its own folder, the contracts and the pure parts of the libraries.',
      severity: 'error',
      from: { path: '^apps/[^/]+/src/domain/', pathNot: '\\.spec\\.ts$' },
      to: {
        pathNot: [
          '^apps/[^/]+/src/domain/',
          '^libs/(contracts|kernel|event-sourcing|saga)/',
          '^libs/messaging/src/contract/',
          '^node_modules/zod/',
        ],
      },
    },
    {
      name: 'controllers-go-by-the-buses',
      comment:
        'A controller decides nothing, reads nothing and commits nothing: it sends a command or a query. The gateway has no domain.',
      severity: 'error',
      from: { path: '^apps/[^/]+/src/features/.*\\.controller\\.ts$', pathNot: '^apps/gateway/' },
      to: { path: ['^apps/[^/]+/src/(ports|adapters)/', '^libs/messaging/'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'ports-know-no-adapter',
      severity: 'error',
      from: { path: '^apps/[^/]+/src/(ports|domain|sagas)/' },
      to: { path: '^apps/[^/]+/src/(adapters|features|migrations)/' },
    },
    {
      name: 'contracts-and-kernel-at-the-bottom',
      severity: 'error',
      comment: 'How a message is defined loads no transport and no driver: every domain may use it.',
      from: { path: '^libs/(contracts|kernel|messaging/src/contract)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^libs/', pathNot: '^libs/(contracts|kernel|messaging/src/contract)/' },
    },
    {
      name: 'no-test-code-in-production',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['\\.spec\\.ts$', '\\.suite\\.ts$', '/testing/', '^libs/testing/'] },
      to: { path: ['\\.spec\\.ts$', '\\.suite\\.ts$', '/testing/', '^libs/testing/'] },
    },
    {
      name: 'declared-dependencies-only',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['\\.spec\\.ts$', '\\.suite\\.ts$', '/testing/', '^libs/testing/'] },
      to: {
        dependencyTypesNot: ['type-only'],
        dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev', 'unknown', 'undetermined'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js'],
    },
  },
};

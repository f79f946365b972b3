const ENGINE_FOLDERS = '^libs/[^/]+/src/(postgres|mongodb|redis|clickhouse|rabbitmq|consul)/';
const DRIVERS =
  '^node_modules/(pg|typeorm|mongoose|ioredis|@clickhouse/client|amqplib|amqp-connection-manager|consul)/';
const TEST_CODE = '\\.spec\\.ts$|\\.suite\\.ts$|/testing/|^libs/testing/';

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
      comment:
        'A library is used by its entries: its index, or the index of one of its folders (an engine, a part, its test tools).',
      severity: 'error',
      from: { path: '^(apps|libs|test|bench)/([^/]+)/' },
      to: {
        path: '^libs/([^/]+)/src/',
        pathNot: ['^libs/$2/', '^libs/[^/]+/src/index\\.ts$', '^libs/[^/]+/src/[^/]+/index\\.ts$'],
      },
    },
    {
      name: 'core-loads-no-engine',
      comment:
        "An engine's adapter is imported by name, or loaded on demand: a library's index brings no driver with it.",
      severity: 'error',
      from: { path: '^libs/[^/]+/src/', pathNot: [ENGINE_FOLDERS, TEST_CODE] },
      to: { path: [ENGINE_FOLDERS, DRIVERS], dependencyTypesNot: ['type-only'], dynamic: false },
    },
    {
      name: 'core-without-http',
      comment:
        'The routes that a library brings are an entry of their own, beside the core: only they know HTTP and buses.',
      severity: 'error',
      from: { path: '^libs/(messaging|event-sourcing|saga)/src/', pathNot: ['^libs/[^/]+/src/http/', TEST_CODE] },
      to: { path: ['^libs/[^/]+/src/http/', '^libs/(host|security|cqrs)/'] },
    },
    {
      name: 'no-engine-imports-another',
      severity: 'error',
      from: { path: ENGINE_FOLDERS, pathNot: TEST_CODE },
      to: { path: ENGINE_FOLDERS, pathNot: '^libs/[^/]+/src/$1/' },
    },
    {
      name: 'domain-is-pure',
      comment: 'A domain knows its own folder, the contracts and the pure parts of the libraries.',
      severity: 'error',
      from: { path: '^apps/[^/]+/src/domain/', pathNot: '\\.spec\\.ts$' },
      to: {
        pathNot: [
          '^apps/[^/]+/src/domain/',
          '^libs/(contracts|kernel)/',
          '^libs/(event-sourcing|saga)/src/(?!http/)',
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
      from: {
        path: [
          '^apps/[^/]+/src/features/.*\\.controller\\.ts$',
          '^libs/(event-sourcing|saga)/src/http/.*\\.controller\\.ts$',
        ],
        pathNot: '^apps/gateway/',
      },
      to: {
        path: ['^apps/[^/]+/src/(ports|adapters)/', '^libs/messaging/', '^libs/(event-sourcing|saga)/src/(?!http/)'],
        dependencyTypesNot: ['type-only'],
      },
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

/** The servers a test may ask for. */
export const ENGINES = ['rabbitmq', 'mongodb', 'redis', 'clickhouse', 'consul', 'postgres'] as const;
export type EngineName = (typeof ENGINES)[number];

export interface EngineImage {
  readonly image: string;
  /** The port of its protocol, inside its container. */
  readonly port: number;
  /** A second port: the HTTP interface for its management. */
  readonly managementPort?: number;
  /** The arguments of `docker run` before the image, and the command after it. */
  readonly options: readonly string[];
  readonly command: readonly string[];
  /** The URL of the server at `host:port`. */
  readonly url: (at: string) => string;
}

const plain = { options: [], command: [] };

/**
 * The images of `docker-compose.yml`, each configured for tests: small, quick to start, with passwords that are not
 * secret.
 */
export const CATALOG: Readonly<Record<EngineName, EngineImage>> = {
  rabbitmq: {
    ...plain,
    image: 'rabbitmq:4-management',
    port: 5672,
    managementPort: 15672,
    options: ['-e', 'RABBITMQ_DEFAULT_USER=seam', '-e', 'RABBITMQ_DEFAULT_PASS=seam'],
    url: (at) => `amqp://seam:seam@${at}`,
  },
  mongodb: { ...plain, image: 'mongo:8', port: 27017, url: (at) => `mongodb://${at}` },
  redis: {
    ...plain,
    image: 'redis:8',
    port: 6379,
    command: ['redis-server', '--appendonly', 'yes', '--save', ''],
    url: (at) => `redis://${at}`,
  },
  clickhouse: {
    ...plain,
    image: 'clickhouse/clickhouse-server:25.8',
    port: 8123,
    // Without it the user `default`, who has no password, may connect from the container's own address only.
    options: ['-e', 'CLICKHOUSE_SKIP_USER_SETUP=1'],
    url: (at) => `http://${at}`,
  },
  consul: { ...plain, image: 'hashicorp/consul:1.21', port: 8500, url: (at) => `http://${at}` },
  postgres: {
    ...plain,
    image: 'postgres:17',
    port: 5432,
    options: ['-e', 'POSTGRES_USER=seam', '-e', 'POSTGRES_PASSWORD=seam'],
    command: ['postgres', '-c', 'fsync=off', '-c', 'max_connections=300'],
    url: (at) => `postgresql://seam:seam@${at}/postgres`,
  },
};

/** The variables by which a developer selects another server instead of a container: SEAM_TEST_REDIS_URL and so on. */
export const urlVariable = (name: EngineName): string => `SEAM_TEST_${name.toUpperCase()}_URL`;

/** Passed from the set-up of a run to its test files: the run's id, and the engines whose containers may be started. */
export const RUN_VARIABLE = 'SEAM_TEST_ENGINES_RUN';
export const STARTABLE_VARIABLE = 'SEAM_TEST_ENGINES_STARTABLE';

/** Every container of a test run carries the pid of that run's Jest in this label. */
export const LABEL = 'seam.test-run';

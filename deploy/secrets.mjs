// Makes up the passwords of this installation at its first start, and gives each container those it needs: a volume per
// container, mounted here as /secrets/<name>. What was made up once stays, in /secrets/all.
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = process.env.SECRETS_DIR ?? '/secrets';
const KEPT = join(ROOT, 'all', 'secrets.json');
/** The services with a database of their own on PostgreSQL, each with a role that may use nothing else. */
const ON_POSTGRES = ['users', 'products', 'payments', 'notifications'];
/** Letters and digits: at home in URLs, SQL, configuration files and shells alike. */
const NAMES = [
  ...['postgres', 'mongo', 'redis', 'rabbitmq', 'clickhouse', 'grafana', 'staff', 'webhooks'],
  ...[...ON_POSTGRES, 'monitor'].map((role) => `postgres-${role}`),
];

const secrets = existsSync(KEPT) ? JSON.parse(readFileSync(KEPT, 'utf8')) : {};
for (const name of NAMES) secrets[name] ??= randomBytes(24).toString('hex');
if (process.env.SEAM_STAFF_PASSWORD) secrets.staff = process.env.SEAM_STAFF_PASSWORD;

/** Readable by every user of the containers that mount it: each image's server runs as another one. */
function write(container, file, text) {
  const path = join(ROOT, container, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${text}\n`);
  chmodSync(path, 0o444);
}

/** The settings that name the engines; `at` says where one is, by its name and its usual port. */
const urls = (at) => ({
  DATABASE_URL: (role = 'seam', password = secrets.postgres) =>
    `postgresql://${role}:${password}@${at('postgres', 5432)}`,
  MONGODB_URL: () => `mongodb://seam:${secrets.mongo}@${at('mongo', 27017)}/?authSource=admin`,
  REDIS_URL: () => `redis://:${secrets.redis}@${at('redis', 6379)}`,
  CLICKHOUSE_URL: () => `http://seam:${secrets.clickhouse}@${at('clickhouse', 8123)}`,
  RABBITMQ_URL: () => `amqp://seam:${secrets.rabbitmq}@${at('rabbitmq', 5672)}`,
  CONSUL_URL: () => `http://${at('consul', 8500)}`,
});

function forEngines() {
  write('postgres', 'password', secrets.postgres);
  const roles = ON_POSTGRES.map((service) => {
    const password = secrets[`postgres-${service}`];
    const database = `seam_${service}`;
    return `create role ${service} login password '${password}';
create database ${database} owner ${service};
revoke connect, temporary on database ${database} from public;`;
  });
  const monitor = `create role monitor login password '${secrets['postgres-monitor']}' in role pg_monitor;`;
  write('postgres', 'roles.sql', [...roles, monitor].join('\n'));
  write('mongo', 'password', secrets.mongo);
  write('redis', 'password', secrets.redis);
  write(
    'redis',
    'redis.conf',
    ['bind * -::*', 'dir /data', 'appendonly yes', 'appendfsync always', `requirepass ${secrets.redis}`].join('\n'),
  );
  write('rabbitmq', '20-seam.conf', `default_user = seam\ndefault_pass = ${secrets.rabbitmq}`);
  write('clickhouse', 'password', secrets.clickhouse);
  write('grafana', 'password', secrets.grafana);
  write('exporters', 'postgres-password', secrets['postgres-monitor']);
  write('exporters', 'redis-passwords.json', JSON.stringify({ 'redis://redis:6379': secrets.redis }));
}

function forServices() {
  const { DATABASE_URL, MONGODB_URL, REDIS_URL, CLICKHOUSE_URL, RABBITMQ_URL } = urls(
    (engine, port) => `${engine}:${port}`,
  );
  for (const service of ON_POSTGRES)
    write(service, 'DATABASE_URL', DATABASE_URL(service, secrets[`postgres-${service}`]));
  for (const container of ['orders', 'exporters']) write(container, 'MONGODB_URL', MONGODB_URL());
  write('inventory', 'REDIS_URL', REDIS_URL());
  write('analytics', 'CLICKHOUSE_URL', CLICKHOUSE_URL());
  for (const service of [...ON_POSTGRES, 'orders', 'inventory', 'analytics'])
    write(service, 'RABBITMQ_URL', RABBITMQ_URL());
  for (const container of ['users', 'demo']) write(container, 'SEAM_STAFF_PASSWORD', secrets.staff);
  write('payments', 'SEAM_WEBHOOK_SECRETS', secrets.webhooks);
}

/** For a process on this machine, with deploy/engines.yml: lines a shell can read. */
function forThisMachine() {
  const here = urls((engine, port) => `127.0.0.1:${process.env[`${engine.toUpperCase()}_PORT`] ?? port}`);
  const lines = Object.entries(here).map(([name, url]) => `export ${name}='${url()}'`);
  write('all', 'engines.env', lines.join('\n'));
}

write('all', 'secrets.json', JSON.stringify(secrets, undefined, 2));
chmodSync(KEPT, 0o400);
forEngines();
forServices();
forThisMachine();

import { jest } from '@jest/globals';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withClient } from '../postgres/create.js';
import { type ChildSeam, startInChild } from '../testing/child.js';
import { DataDirectoryInUseError } from './errors.js';
import { readPostmasterPid } from './postmaster-pid.js';
import { isAlive, pollUntil } from './signal.js';
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from './start.js';

jest.setTimeout(60_000);

const onLinux = process.platform === 'linux' ? it : it.skip;

describe('startEmbeddedPostgres', () => {
  let directory: string;
  const servers: EmbeddedPostgres[] = [];
  const children: ChildSeam[] = [];

  const start = async (options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> => {
    const server = await startEmbeddedPostgres({ directory, ...options });
    servers.push(server);
    return server;
  };
  const startChild = (): ChildSeam => {
    const child = startInChild(directory);
    children.push(child);
    return child;
  };
  const run = (server: { url: string } | EmbeddedPostgres, text: string): Promise<Record<string, unknown>[]> =>
    withClient(typeof server.url === 'string' ? server.url : server.url('postgres'), async (client) => {
      return (await client.query(text)).rows as Record<string, unknown>[];
    });
  const pidOf = async (dataDirectory: string): Promise<number> => (await readPostmasterPid(dataDirectory))?.pid ?? 0;

  beforeEach(async () => {
    const base = await mkdtemp(join(tmpdir(), 'seam-test-'));
    await chmod(base, 0o755); // When started by root, the server runs as another user, who must be able to enter.
    directory = join(base, 'a b', '.seam');
  });
  afterEach(async () => {
    await Promise.all(children.splice(0).map((child) => child.kill()));
    await Promise.all(servers.splice(0).map((server) => server.stop()));
    const left = await pidOf(join(directory, 'postgres'));
    if (left !== 0 && left !== process.pid && isAlive(left)) process.kill(left, 'SIGQUIT');
    await pollUntil(() => left === 0 || left === process.pid || !isAlive(left), 5_000);
    await rm(join(directory, '..', '..'), { recursive: true, force: true });
  });

  it('creates a cluster once, and keeps its data across starts', async () => {
    const first = await start();
    await run(first, 'CREATE TABLE kept AS SELECT 1 AS one');
    await first.stop();
    await first.stop();
    const second = await start();
    expect(await run(second, 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
    expect(second.dataDirectory).toBe(first.dataDirectory);
  });

  it('is durable, private and local', async () => {
    const server = await start();
    const names = ['fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses', 'server_encoding', 'jit'];
    const settings = await run(server, `SELECT ${names.map((name) => `current_setting('${name}') AS ${name}`).join()}`);
    expect(settings).toEqual([
      {
        fsync: 'on',
        synchronous_commit: 'on',
        full_page_writes: 'on',
        listen_addresses: '127.0.0.1',
        server_encoding: 'UTF8',
        jit: 'off',
      },
    ]);
    expect(await run(server, `SELECT lower('ÄÉ') AS low, 'Z' < 'a' AS by_code_point`)).toEqual([
      { low: 'äé', by_code_point: true },
    ]);
    expect((await stat(join(directory, 'postgres.password'))).mode & 0o777).toBe(0o600);
    expect((await stat(server.dataDirectory)).mode & 0o777).toBe(0o700);
    await expect(run({ url: server.url('postgres').replace(/:[^:@]+@/, ':guess@') }, 'SELECT 1')).rejects.toThrow(
      /password/,
    );
  });

  it('refuses a second Seam on the same directory, and names the first', async () => {
    const first = await start();
    const second = start();
    await expect(second).rejects.toBeInstanceOf(DataDirectoryInUseError);
    await expect(second).rejects.toThrow(new RegExp(`${directory}.*pid ${process.pid}.*SEAM_DATA`));
    expect(await run(first, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('lets exactly one of several simultaneous starts succeed', async () => {
    const outcomes = await Promise.all([startChild(), startChild(), startChild()].map((child) => child.started));
    expect(outcomes.filter((outcome) => outcome.url)).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.error === 'PERSISTENCE.DATA_DIRECTORY_IN_USE')).toHaveLength(2);
  });

  it('takes over after kill -9 of its parent, with all committed data and nothing else', async () => {
    const child = startChild();
    const { url = '' } = await child.started;
    await run({ url }, 'CREATE TABLE kept AS SELECT 1 AS one');
    const open = withClient(url, (client) => client.query('BEGIN; DELETE FROM kept; SELECT pg_sleep(60)'));
    const broken = expect(open).rejects.toThrow();
    const orphan = await pidOf(join(directory, 'postgres'));
    await child.kill();
    expect(isAlive(orphan)).toBe(true);

    const lines: string[] = [];
    const next = await start({ log: (line) => lines.push(line) });
    await broken;
    await expect(run({ url }, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
    expect(lines.join()).toContain(`pid ${orphan}`);
    expect(await run(next, 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
  });

  it('starts again after a kill -9 during initdb', async () => {
    const child = startChild();
    const half = async (): Promise<boolean> =>
      (await readdir(directory).catch(() => [])).some((name) => name.startsWith('postgres.init-'));
    expect(await pollUntil(half, 20_000)).toBe(true);
    await child.kill();
    const server = await start();
    expect(await run(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await half()).toBe(false);
  });

  onLinux('starts on a pid file that some other program has inherited the pid of', async () => {
    const first = await start();
    const text = await readFile(join(first.dataDirectory, 'postmaster.pid'), 'utf8');
    await first.stop();
    await writeFile(join(first.dataDirectory, 'postmaster.pid'), text.replace(/^\d+/, String(process.ppid)));
    expect(await run(await start(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(isAlive(process.ppid)).toBe(true);
  });

  it('reports that the server ended by itself, and recovers at the next start', async () => {
    let exited: (reason: string) => void = () => undefined;
    const reason = new Promise<string>((resolve) => (exited = resolve));
    const first = await start({ onExit: exited });
    await run(first, 'CREATE TABLE kept AS SELECT 1 AS one');
    process.kill(await pidOf(first.dataDirectory), 'SIGKILL');
    expect(await reason).toContain('SIGKILL');
    await expect(start()).rejects.toBeInstanceOf(DataDirectoryInUseError);
    await first.stop();
    expect(await run(await start(), 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
  });

  it('stops while a client runs a statement, and does not report that as an exit', async () => {
    const reasons: string[] = [];
    const server = await start({ onExit: (reason) => reasons.push(reason) });
    const busy = expect(run(server, 'SELECT pg_sleep(60)')).rejects.toThrow();
    await server.stop();
    await busy;
    expect(reasons).toEqual([]);
  });

  onLinux('keeps the server out of the terminal’s process group', async () => {
    const server = await start();
    const pid = await pidOf(server.dataDirectory);
    const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
    expect({ group: fields[2], session: fields[3] }).toEqual({ group: String(pid), session: String(pid) });
  });

  it('refuses the data of another PostgreSQL version, and does not change it', async () => {
    await mkdir(join(directory, 'postgres'), { recursive: true });
    await writeFile(join(directory, 'postgres', 'PG_VERSION'), '14\n');
    await expect(start()).rejects.toMatchObject({ code: 'PERSISTENCE.DATA_DIRECTORY_UNUSABLE' });
    expect(await readdir(join(directory, 'postgres'))).toEqual(['PG_VERSION']);
  });
});

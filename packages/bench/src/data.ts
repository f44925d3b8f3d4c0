import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@holdfast/db';
import { openEmbeddedPostgres } from '@holdfast/embedded-postgres';
import { Client } from 'pg';
import { firstCreatedAt, type Size, taskIntervalMs, toUserId } from './identities.ts';

/** The PostgreSQL server of a benchmark run. */
export interface BenchServer {
  /** Process ID of the parent of all server processes; NaN for an external server. */
  postmaster: number;
  version: string;
  /** Creates a database without tables, which belongs to Holdfast's role. */
  createDatabase(name: string): Promise<Pick<BenchDatabase, 'ownerUrl' | 'adminUrl' | 'admin'>>;
  /** Creates, migrates and fills a database. */
  /** @param options.isForPeers Whether the tasks lack the indexes and the triggers of features that the peers do not have. */
  openDatabase(name: string, size: Size, options?: { isForPeers?: boolean }): Promise<BenchDatabase>;
  stop(): Promise<void>;
}

/** A filled database, and its URL for each login role. */
export interface BenchDatabase {
  size: Size;
  /** Owner of the tables, subject to row-level security. Holdfast's role. */
  ownerUrl: string;
  /** Bypasses row-level security. The role of contestants that only filter by owner. */
  bypassUrl: string;
  /** Can only switch to `holdfast_app`. The role of contestants that set role and user per request. */
  switchUrl: string;
  /** Superuser. */
  adminUrl: string;
  admin: Client;
  /** Reads all rows and indexes into the server's memory as far as they fit, so that no round includes first reads. */
  prewarm(): Promise<void>;
  /** Writes all changes to disk, so that a round does not include the writes of the round before. */
  checkpoint(): Promise<void>;
  /** Removes dead rows at a fixed time, because autovacuum is off. */
  vacuum(): Promise<void>;
}

/** PostgreSQL's defaults, except for memory and for background work that would slow down only some rounds. */
const settings = {
  // A quarter of the memory, as PostgreSQL's manual recommends.
  shared_buffers: `${Math.round(totalmem() / 4 / 2 ** 20)}MB`,
  max_wal_size: '16GB',
  // A checkpoint keeps so many files of the write-ahead log.
  min_wal_size: '4GB',
  checkpoint_timeout: '1h',
  autovacuum: 'off',
  jit: 'off',
  max_connections: '200',
};

/** Starts an embedded PostgreSQL in the folder, or uses the server at the URL. */
export async function openBenchServer(folder: string, url?: string): Promise<BenchServer> {
  const server = url === undefined ? await openEmbedded(folder) : useExternal(url);
  const clients: Client[] = [];

  async function connect(url: string): Promise<Client> {
    const client = new Client(url);
    client.on('error', () => {});
    await client.connect();
    clients.push(client);
    return client;
  }

  const admin = await connect(server.adminUrl);
  const { rows } = await admin.query<{ version: string }>(`select current_setting('server_version')
    || case current_setting('huge_pages_status', true) when 'on' then ' with huge pages' else '' end as version`);
  const password = randomBytes(18).toString('base64url');
  await admin.query(`create role bench_bypass login bypassrls password '${password}'`);
  await admin.query(`create role bench_switch login password '${password}'`);

  async function createDatabase(name: string) {
    await admin.query(`create database ${name} owner ${new URL(server.url).username}`);
    const [ownerUrl, adminUrl] = [withDatabase(server.url, name), withDatabase(server.adminUrl, name)];
    return { ownerUrl, adminUrl, admin: await connect(adminUrl) };
  }

  return {
    postmaster: server.postmaster,
    version: rows[0]!.version,
    createDatabase,
    async openDatabase(name, size, { isForPeers = false } = {}) {
      const created = await createDatabase(name);
      const { ownerUrl, admin: client } = created;
      const [bypassUrl, switchUrl] = [
        withUser(ownerUrl, 'bench_bypass', password),
        withUser(ownerUrl, 'bench_switch', password),
      ];
      await migrate({ url: ownerUrl });
      await client.query('grant select, insert, update, delete on users, tasks to bench_bypass');
      await client.query('grant usage on schema public to bench_bypass, bench_switch');
      await client.query('grant holdfast_app to bench_switch');
      await fill(client, size);
      if (isForPeers) await removeFeatures(client);
      return {
        ...created,
        size,
        bypassUrl,
        switchUrl,
        prewarm: () => readAll(client),
        checkpoint: async () => void (await client.query('checkpoint')),
        vacuum: async () => void (await client.query('vacuum (analyze) tasks')),
      };
    },
    async stop() {
      await Promise.all(clients.map((client) => client.end()));
      await server.stop();
    },
  };
}

async function openEmbedded(folder: string) {
  const server = await openEmbeddedPostgres({ dataDir: folder, settings });
  const pidFile = await readFile(join(folder, 'postgres', 'postmaster.pid'), 'utf8');
  return { ...server, postmaster: Number(pidFile.split('\n', 1)[0]) };
}

/** The CPU time of an external server is not measured. */
function useExternal(url: string) {
  return { url, adminUrl: url, postmaster: Number.NaN, stop: async () => {} };
}

function withUser(text: string, user: string, password: string): string {
  return Object.assign(new URL(text), { username: user, password }).href;
}

function withDatabase(text: string, name: string): string {
  return Object.assign(new URL(text), { pathname: `/${name}` }).href;
}

/** Adds tasks to a user, and creates the user if necessary. */
export async function addTasks(client: Client, user: number, tasks: number): Promise<void> {
  await client.query(`insert into users (id, email, name) values ($1, null, null) on conflict do nothing`, [
    toUserId(user),
  ]);
  await insertTasks(client, `(select ${user} as u) as owner`, tasks);
}

/** Writes of each user in the log that is not past its time, so that the tables of a large database are all large. */
const writesPerTask = 0.2;

async function fill(client: Client, { users, tasks }: Size): Promise<void> {
  await client.query('set synchronous_commit = off');
  await client.query(`set maintenance_work_mem = '1GB'`);
  // Without foreign-key checks: all owners exist.
  await client.query('set session_replication_role = replica');
  const writes = Math.round(tasks * writesPerTask);
  await client.query(
    `insert into users (id, email, name, revision)
     select ${userId('u')}, 'user-' || u || '@example.org', 'User ' || u, ${writes} from generate_series(0, ${users - 1}) as u`,
  );
  await client.query(
    `insert into changes (user_id, revision, at, task_ids)
     select ${userId('u')}, revision, now() - (${writes} - revision) * interval '80 days' / ${Math.max(writes, 1)}, array[gen_random_uuid()]
     from generate_series(1, ${writes}) as log(revision) cross join lateral generate_series(0 * revision, ${users - 1}) as owner(u)`,
  );
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
     from pg_index where indrelid = 'tasks'::regclass and not indisprimary and not indisunique`,
  );
  for (const { name } of indexes) await client.query(`drop index ${name}`);
  await insertTasks(client, `generate_series(0, ${users - 1}) as owner(u)`, tasks);
  for (const { definition } of indexes) await client.query(definition);
  await client.query('reset session_replication_role');
  await client.query('reset synchronous_commit');
  await client.query('vacuum analyze');
}

/** The peers have no manual order, due dates, trash and search, so their tasks have no indexes and no triggers for them. */
async function removeFeatures(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select tgname as name from pg_trigger where tgrelid = 'tasks'::regclass and not tgisinternal`,
  );
  for (const { name } of rows) await client.query(`drop trigger ${name} on tasks`);
  for (const name of ['list_id_position', 'due', 'completed_at', 'deleted_at', 'unfolded']) {
    await client.query(`drop index tasks_user_id_${name}`);
  }
}

async function readAll(client: Client): Promise<void> {
  // A sequential scan of a large table does not fill the shared buffers. Index scans do.
  await client.query('begin; set local enable_seqscan = off; set local enable_bitmapscan = off');
  await client.query('select count(title) from (select title from tasks order by user_id, id)');
  await client.query('select count(*) from (select id from tasks order by user_id, created_at, id)');
  await client.query('select count(*) from (select id from tasks order by user_id, completed, created_at, id)');
  await client.query('commit');
}

/** Gives due dates, priorities, labels, positions and search texts to the tasks of these users. */
export async function addTaskDetails(client: Client, users: readonly number[]): Promise<void> {
  await client.query('set session_replication_role = replica');
  for (const user of users) {
    await client.query(`
update tasks set
  due_date = case when n % 4 > 0 then date '2026-01-01' + (n % 500)::int end,
  due_time = case when n % 8 = 1 then time '09:30' end,
  priority = n % 4,
  labels = case when n % 5 = 0 then array['home'] else '{}' end,
  position = 'a' || md5(n::text),
  search = lower(title) || e'\\n' || lower(coalesce(description, '')) || case when n % 5 = 0 then e'\\nhome' else e'\\n' end,
  is_folded = true
from (select id as numbered, row_number() over (order by created_at) as n from tasks where user_id = ${userId(String(user))}) as numbers
where user_id = ${userId(String(user))} and id = numbered`);
  }
  await client.query('reset session_replication_role');
}

/** Inserts by time and then by user, so that a user's tasks are scattered on disk as in real use. */
async function insertTasks(client: Client, owners: string, tasks: number): Promise<void> {
  await client.query(`
insert into tasks (user_id, id, title, description, completed, completed_at, created_at, updated_at, position, search,
  is_folded)
select
  ${userId('u')},
  ${taskId('ms', 't', 'u')},
  title,
  description,
  t % 3 = 0,
  case when t % 3 = 0 then created_at + interval '1 hour' end,
  created_at,
  case when t % 3 = 0 then created_at + interval '1 hour' else created_at end,
  'l' || lpad(to_hex(ms), 12, '0'),
  lower(title) || E'\\n' || lower(coalesce(description, '')) || E'\\n',
  true
from (select t, u from generate_series(0, ${tasks - 1}) as task(t) cross join ${owners} order by t, u) as pairs
cross join lateral (select ${firstCreatedAt} + t * ${taskIntervalMs}::bigint + u % ${taskIntervalMs}) as clock(ms)
cross join lateral (select to_timestamp(ms / 1000.0) as created_at) as times
cross join lateral (
  select
    'Task ' || t || ' of user ' || u || ', to be done ' || case t % 3 when 0 then 'today' when 1 then 'this week' else 'some day' end
      as title,
    case when t % 2 = 0 then null else repeat('What there is to say about it. ', 1 + (t % 5)::int) end as description
) as texts`);
}

// The same IDs as in identities.ts.
export function userId(user: string): string {
  return `('0190a000-0000-7000-8000-' || lpad(to_hex(${user}::bigint), 12, '0'))::uuid`;
}

export function taskId(ms: string, task: string, user: string): string {
  const time = `lpad(to_hex(${ms}::bigint), 12, '0')`;
  return `(substr(${time}, 1, 8) || '-' || substr(${time}, 9, 4) || '-7' || lpad(to_hex(${task}::bigint & 4095), 3, '0')
    || '-8000-' || lpad(to_hex(${user}::bigint), 12, '0'))::uuid`;
}

import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { withDatabase } from '../connection/client-config.ts';
import { distribute } from '../schema/distribute.ts';
import { migrate } from '../schema/migrate.ts';
import { dropDatabase, executeOnce } from '../scratch/database.ts';

/** A database on all nodes of a Citus cluster. */
export interface CitusDatabase {
  /** On the coordinator. */
  url: string;
  /** The URLs of the database on the other nodes. */
  workerUrls: string[];
  drop(): Promise<void>;
}

/** The URL of a database on the coordinator of a Citus cluster with workers, as superuser; undefined if there is none for tests. */
export function findCitus(): string | undefined {
  return process.env['TEST_CITUS_URL'] || undefined;
}

/** Creates an empty database on all nodes of a cluster. With `migrated`, its tables are migrated and distributed. */
export async function openCitusDatabase(
  coordinator: string,
  { migrated = true }: { migrated?: boolean } = {},
): Promise<CitusDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const workers = await findWorkers(coordinator);
  const urls = [coordinator, ...workers.map((host) => Object.assign(new URL(coordinator), { host }).href)];
  for (const url of urls) {
    await executeOnce(url, `create database ${name}`);
    await executeOnce(withDatabase(url, name), 'create extension citus');
  }
  const [url, ...workerUrls] = urls.map((each) => withDatabase(each, name)) as [string, ...string[]];
  const { hostname, port } = new URL(url);
  await executeOnce(url, `select citus_set_coordinator_host('${hostname}', ${port || 5432})`);
  for (const worker of workers) {
    const [host, workerPort] = worker.split(':');
    await executeOnce(url, `select citus_add_node('${host}', ${workerPort})`);
  }
  if (migrated) {
    await migrate({ url });
    await distribute({ url, apply: true });
  }
  return {
    url,
    workerUrls,
    drop: async () => {
      for (const each of urls) await dropDatabase(each, name);
    },
  };
}

async function findWorkers(coordinator: string): Promise<string[]> {
  const client = new Client(coordinator);
  await client.connect();
  try {
    const { rows } = await client.query<{ host: string }>(
      `select format('%s:%s', node_name, node_port) as host from citus_get_active_worker_nodes() order by 1`,
    );
    return rows.map(({ host }) => host);
  } finally {
    await client.end();
  }
}

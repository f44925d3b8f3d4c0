import { createClient } from '@holdfast/client';
import { openDatabase } from '@holdfast/db';
import { type LaunchedServer, openFaultProxy, openTestDatabase } from '@holdfast/db/testing';
import { afterAll, expect, inject, onTestFinished, test } from 'vitest';
import { createStorage, launchHoldfast, password } from '../fixture.ts';
import { createRandom } from '../random.ts';
import { openFaultyNetwork } from './faulty-network.ts';
import { createWriter } from './writer.ts';

/** `ONCE_SEED` repeats the choices of a failed run. */
const seed = Number(process.env['ONCE_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const servers: LaunchedServer[] = [];
afterAll(async () => {
  for (const server of servers) await server.stop();
});

async function startServer(databaseUrl: string): Promise<LaunchedServer> {
  const server = await launchHoldfast({
    DATABASE_URL: databaseUrl,
    PUBLIC_URL: 'http://tasks.localhost',
    RATE_LIMIT_PER_MINUTE: '0',
    LOG_LEVEL: 'error',
  });
  servers.push(server);
  return server;
}

type Writer = ReturnType<typeof createWriter>;

const toVersions = (rows: { id: string; version: number }[]) =>
  Object.fromEntries(rows.map(({ id, version }) => [id, version]));

const mutations = 1_000;
const users = 2;
const writersPerUser = 4;

test('1,000 mutations through a faulty network, with a killed server and lost database connections, have 1,000 effects', async () => {
  const database = await openTestDatabase(inject('testServer'));
  onTestFinished(() => database.drop());
  const db = await openDatabase({ url: database.url });
  onTestFinished(() => db.close());
  const toDatabase = await openFaultProxy(database.url);
  onTestFinished(() => toDatabase.close());
  let server = await startServer(toDatabase.url);
  const network = await openFaultyNetwork(server.url, createRandom(seed));

  const writers: Writer[] = [];
  for (let user = 0; user < users; user += 1) {
    const storage = createStorage();
    await createClient({ url: network.url, storage }).signUp({
      name: 'Ada',
      email: `ada${user}@example.org`,
      password,
    });
    for (let index = 0; index < writersPerUser; index += 1) {
      const holdfast = createClient({ url: network.url, storage, deadlineMs: 100_000 });
      const name = `${user}${index}`;
      await holdfast.user.me();
      writers.push(createWriter(holdfast, createRandom(seed + writers.length + 1), name));
    }
  }

  let done = 0;
  let started = 0;
  let restarting = Promise.resolve();
  const restart = async () => {
    await server.stop();
    server = await startServer(toDatabase.url);
    network.target = server.url;
  };
  /** Faults besides those of the network, by the number of mutations so far. */
  function disturb(): void {
    if (done % 40 === 20) toDatabase.resetConnections();
    if (done % 90 === 45) void toDatabase.loseResponse(1);
    if (done === 500) void toDatabase.loseResponse(1, 'stall');
    if (done === 300 || done === 700) restarting = restart();
  }
  async function write(writer: Writer): Promise<void> {
    for (let round = 1; started < mutations; round += 1) {
      const count = round % 8 === 0 ? Math.min(5, mutations - started) : 1;
      started += count;
      const changed = count === 1 ? 0 : await writer.changeTogether(count);
      for (let index = changed; index < count; index += 1) await writer.change();
      for (let index = 0; index < count; index += 1) {
        done += 1;
        disturb();
      }
    }
  }

  const told = `ONCE_SEED=${seed}`;
  try {
    network.begin();
    await Promise.all(writers.map(write));
  } catch (error) {
    throw new Error(`A mutation failed with ${told}`, { cause: error });
  }
  await restarting;
  await network.drain();
  await server.stop();
  const read = <Row>(query: string) => db.acrossAllUsers((em) => em.execute<Row[]>(query));
  // PostgreSQL completes the transactions of clients that are gone. Each has a lock on the table.
  const findWriting = () =>
    read(`select from pg_locks where relation = 'public.users'::regclass and mode = 'RowExclusiveLock'
    and database = (select oid from pg_database where datname = current_database())`);
  await expect.poll(async () => (await findWriting()).length, { message: told }).toBe(0);

  const changes = await read<{ count: string }>('select count(*) from changes');
  expect(Number(changes[0]!.count), told).toBe(mutations);
  const tasks = await read<{ id: string; version: number }>('select id, version from tasks');
  const lists = await read<{ id: string; version: number }>('select id, version from lists');
  const records = writers.map((writer) => writer.records());
  expect(toVersions(tasks), told).toEqual(toVersions(records.flatMap((each) => each.tasks)));
  expect(toVersions(lists), told).toEqual(toVersions(records.flatMap((each) => each.lists)));
  // Every kind of fault and every kind of mutation has occurred.
  expect(network.counts.size, told).toBe(8);
  expect(new Set(writers.flatMap(({ called }) => called)).size, told).toBe(14);
});

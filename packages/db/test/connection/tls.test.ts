import { once } from 'node:events';
import { chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openScratchServer } from '@holdfast/embedded-postgres';
import { type QueryExecutorProvider, sql } from 'kysely';
import { Client } from 'pg';
import { type GenerateResult, generate } from 'selfsigned';
import { describe, expect, test } from 'vitest';
import { toClientConfig } from '../../src/connection/client-config.ts';
import {
  createTask,
  describeDatabaseFailure,
  getTask,
  inOperation,
  migrate,
  openAuthStore,
  openDatabase,
  toNamedError,
  updateTask,
} from '../../src/index.ts';
import { openFaultProxy } from '../../src/testing/index.ts';
import { atEnd, connect } from '../fixture.ts';

const server = await openScratchServer();
atEnd(() => server.stop());
await migrate({ url: server.url });
const superuser = await connect(server.adminUrl);

const authority = await createAuthority('An authority');
const unknownAuthority = await createAuthority('An unknown authority');
const files = await mkdtemp(join(tmpdir(), 'holdfast-tls-'));
atEnd(() => rm(files, { recursive: true }));
const rootFile = join(files, 'root.pem');
await writeFile(rootFile, authority.cert);

/** An address of this machine that counts as a remote host. */
const address = Object.values(networkInterfaces())
  .flatMap((entries) => entries ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

function createAuthority(name: string): Promise<GenerateResult> {
  return generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
}

interface CertificateOptions {
  names: string[];
  signedBy?: GenerateResult | 'itself';
  expiresAt?: Date;
}

/** Configures the server to use this certificate for new connections. */
async function serveWith({ names, signedBy = authority, expiresAt }: CertificateOptions): Promise<void> {
  const certificate = await generate([{ name: 'commonName', value: 'A server' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ...(signedBy !== 'itself' && { ca: { key: signedBy.private, cert: signedBy.cert } }),
    ...(expiresAt !== undefined && { notBeforeDate: new Date(0), notAfterDate: expiresAt }),
    extensions: [
      {
        name: 'subjectAltName',
        altNames: names.map((name) => (name === address ? { type: 7, ip: name } : { type: 2, value: name })),
      },
    ],
  });
  const folder = join(server.dataDir, 'postgres');
  const { uid, gid } = await stat(folder);
  for (const [name, text] of Object.entries({ 'server.crt': certificate.cert, 'server.key': certificate.private })) {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    await chown(join(folder, name), uid, gid);
  }
  await superuser.query('alter system set ssl = on');
  const before = await readLoadTime();
  await superuser.query('select pg_reload_conf()');
  await expect.poll(readLoadTime).not.toBe(before);
}

/** The time at which a new session loads the settings and the certificate. */
async function readLoadTime(): Promise<string> {
  const client = new Client({ connectionString: server.adminUrl });
  await client.connect();
  const { rows } = await client.query<{ at: string }>('select pg_conf_load_time()::text as at');
  await client.end();
  return rows[0]!.at;
}

/** Connects the main pool and the sign-in pool. Returns for each whether it is encrypted, or how it failed. */
async function tryPools(url: string) {
  const store = openAuthStore({ url, connectTimeoutMs: 5_000 });
  const outcome = await Promise.all([tryMainPool(url).catch(toOutcome), isEncrypted(store.kysely).catch(toOutcome)]);
  await store.close();
  return outcome;
}

function toOutcome(error: unknown) {
  return { code: (toNamedError(error) as { code?: unknown }).code, description: describeDatabaseFailure(error) };
}

async function tryMainPool(url: string): Promise<boolean> {
  const db = await openDatabase({ url, connectTimeoutMs: 5_000 });
  try {
    return await db.acrossAllUsers((em) => isEncrypted(em.getKysely()));
  } finally {
    await db.close();
  }
}

/** Reads `pg_stat_ssl` as the superuser, because the roles of transactions may not. */
async function isEncrypted(kysely: QueryExecutorProvider): Promise<boolean> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(kysely);
  const found = await superuser.query<{ ssl: boolean }>('select ssl from pg_stat_ssl where pid = $1', [rows[0]!.pid]);
  return found.rows[0]!.ssl;
}

const encrypted = [true, true];
const refused = (sentence: string) => {
  const failure = { code: 'DATABASE_UNAVAILABLE', description: expect.stringContaining(sentence) as unknown };
  return [failure, failure];
};

describe('a connection to this machine with sslmode=require', () => {
  const plainUrl = Object.assign(new URL(server.url), { hostname: 'localhost' }).href;
  const url = `${plainUrl}?sslmode=require&sslrootcert=${rootFile}`;

  test('accepts a certificate of the right authority for the right name', async () => {
    await serveWith({ names: ['localhost'] });
    expect(await tryPools(url)).toEqual(encrypted);
  });

  test('uses channel binding if the URL requires it', async () => {
    await serveWith({ names: ['localhost'] });
    const boundUrl = `${url}&channel_binding=require`;
    expect(await tryPools(boundUrl)).toEqual(encrypted);
    const client = new Client(toClientConfig(boundUrl)) as Client & {
      connection: NodeJS.EventEmitter;
      saslSession: { mechanism: string };
    };
    let mechanism = '';
    client.connection.on('authenticationSASLContinue', () => ({ mechanism } = client.saslSession));
    await client.connect();
    await client.end();
    expect(mechanism).toBe('SCRAM-SHA-256-PLUS');
  });

  test.each([
    ['for another name', { names: ['db.example'] }, 'another host'],
    ['that has expired', { names: ['localhost'], expiresAt: new Date('2020-01-01') }, 'has expired'],
    ['that is self-signed', { names: ['localhost'], signedBy: 'itself' as const }, 'sslrootcert=<file>'],
    ['of an unknown authority', { names: ['localhost'], signedBy: unknownAuthority }, 'sslrootcert=<file>'],
  ])('refuses a certificate %s and describes the reason', async (_, certificate, sentence) => {
    await serveWith(certificate);
    expect(await tryPools(url)).toEqual(refused(sentence));
  });

  test.each([
    ['no sslrootcert', ''],
    ['sslrootcert=system', '&sslrootcert=system'],
  ])('refuses a certificate of a private authority with %s', async (_, root) => {
    await serveWith({ names: ['localhost'] });
    expect(await tryPools(`${plainUrl}?sslmode=verify-full${root}`)).toEqual(refused('sslrootcert=<file>'));
  });
});

describe('a connection to a remote host', () => {
  const remoteTest = test.extend('remote', async ({ skip }) => {
    if (address === undefined) skip('This machine has no external IPv4 address.');
    const proxy = await openFaultProxy(server.url, address);
    atEnd(() => proxy.close());
    const toUrl = (mode: string) => `${proxy.url}?sslrootcert=${rootFile}${mode && `&sslmode=${mode}`}`;
    return { proxy, toUrl };
  });

  remoteTest('requires TLS with a verified certificate in every sslmode', async ({ remote }) => {
    await serveWith({ names: [address!] });
    for (const mode of ['', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']) {
      expect(await tryPools(remote.toUrl(mode)), mode).toEqual(encrypted);
    }
    // Anyone can get a certificate for the name localhost, so it must not be valid for the requested address.
    await serveWith({ names: ['localhost'] });
    for (const mode of ['', 'prefer', 'require', 'verify-ca']) {
      expect(await tryPools(remote.toUrl(mode)), mode).toEqual(refused('another host'));
    }
  });

  remoteTest('does not report a change as retryable if its response is unreadable', async ({ remote }) => {
    await serveWith({ names: [address!] });
    const db = await openDatabase({ url: remote.toUrl('') });
    atEnd(() => db.close());
    const scope = db.asUser('0190a000-0000-7000-8000-00000000000a');
    const { id } = await createTask(scope, { title: 'x' });
    remote.proxy.modifyResponses((response) => response.fill(~response.at(-1)!, response.length - 1));
    const unknown = { code: 'DATABASE_UNAVAILABLE', isRetryable: false };
    await expect(updateTask(scope, { id, title: 'y' })).rejects.toMatchObject(unknown);
    await remote.proxy.restore();
    expect(await getTask(scope, { id })).toMatchObject({ title: 'y', version: 2 });
  });

  // If the machine pauses, the connection can look silent, hence the retries.
  remoteTest(
    'keeps the connection when it cancels a statement over a slow network',
    { retry: 3 },
    async ({ remote }) => {
      await serveWith({ names: [address!] });
      const db = await openDatabase({ url: remote.toUrl(''), poolMax: 1 });
      atEnd(() => db.close());
      const run = (text: string) => db.acrossAllUsers((em) => em.execute(text));
      const before = await run('select pg_backend_pid()');
      remote.proxy.slow({ latencyMs: 50 });
      const overdue = inOperation({ deadlineAt: performance.now() + 1_000 }, () => run('select pg_sleep(25)'));
      await expect(overdue).rejects.toMatchObject({ code: 'STATEMENT_TIMEOUT' });
      expect(await run('select pg_backend_pid()')).toEqual(before);
    },
  );

  remoteTest('refuses plain text before it sends anything', async ({ remote }) => {
    for (const mode of ['disable', 'no-verify']) {
      await expect(openDatabase({ url: remote.toUrl(mode) })).rejects.toMatchObject({ code: 'INVALID_DATABASE_URL' });
      expect(() => openAuthStore({ url: remote.toUrl(mode) })).toThrow('Use sslmode=verify-full');
    }
    expect(remote.proxy.roundTrips()).toBe(0);
  });

  remoteTest('sends nothing but the TLS request to a server without TLS', async () => {
    const received: Buffer[] = [];
    const plain = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        received.push(bytes);
        socket.write('N');
      });
    }).listen(0, address);
    atEnd(async () => void plain.close());
    await once(plain, 'listening');
    const { port } = plain.address() as AddressInfo;
    const url = `postgresql://user:secret@${address}:${port}/tasks`;
    expect(await tryPools(url)).toEqual(refused('Turn on its setting ssl'));
    // SSLRequest: its length, then 1234 5679 instead of a protocol version.
    const request = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
    expect(received).toEqual([request, request]);
  });
});

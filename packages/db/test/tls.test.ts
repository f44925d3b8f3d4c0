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
import { toClientConfig } from '../src/connection/client-config.ts';
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
} from '../src/index.ts';
import { openFaultProxy } from '../src/testing/index.ts';
import { atEnd, connect } from './fixture.ts';

const server = await openScratchServer();
atEnd(() => server.stop());
await migrate({ url: server.url });
const superuser = await connect(server.adminUrl);

const authority = await createAuthority('An authority');
const stranger = await createAuthority('A stranger');
const files = await mkdtemp(join(tmpdir(), 'holdfast-tls-'));
atEnd(() => rm(files, { recursive: true }));
const rootFile = join(files, 'root.pem');
await writeFile(rootFile, authority.cert);

/** An address that counts as another machine's, and leads here. */
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

/** The server shows this certificate to whoever connects from now on. */
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
  const before = await askLoadTime();
  await superuser.query('select pg_reload_conf()');
  await expect.poll(askLoadTime).not.toBe(before);
}

/** When a session that begins now was given its settings, and the certificate with them. */
async function askLoadTime(): Promise<string> {
  const client = new Client({ connectionString: server.adminUrl });
  await client.connect();
  const { rows } = await client.query<{ at: string }>('select pg_conf_load_time()::text as at');
  await client.end();
  return rows[0]!.at;
}

/** What the main pool and the one for sign-in make of a URL: each is encrypted, or fails as the operator reads it. */
async function tryPools(url: string) {
  const store = openAuthStore({ url, connectTimeoutMs: 5_000 });
  const outcome = await Promise.all([tryMainPool(url).catch(tell), isEncrypted(store.kysely).catch(tell)]);
  await store.close();
  return outcome;
}

function tell(error: unknown) {
  return { code: (toNamedError(error) as { code?: unknown }).code, told: describeDatabaseFailure(error) };
}

async function tryMainPool(url: string): Promise<boolean> {
  const db = await openDatabase({ url, connectTimeoutMs: 5_000 });
  try {
    return await db.acrossAllUsers((em) => isEncrypted(em.getKysely()));
  } finally {
    await db.close();
  }
}

/** As the server sees it; the roles that units run as may not look. */
async function isEncrypted(kysely: QueryExecutorProvider): Promise<boolean> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(kysely);
  const found = await superuser.query<{ ssl: boolean }>('select ssl from pg_stat_ssl where pid = $1', [rows[0]!.pid]);
  return found.rows[0]!.ssl;
}

const encrypted = [true, true];
const refused = (sentence: string) => {
  const failure = { code: 'DATABASE_UNAVAILABLE', told: expect.stringContaining(sentence) as unknown };
  return [failure, failure];
};

describe('to this machine by name, asked for TLS', () => {
  const plainUrl = Object.assign(new URL(server.url), { hostname: 'localhost' }).href;
  const url = `${plainUrl}?sslmode=require&sslrootcert=${rootFile}`;

  test('a certificate of the right authority for the right name is taken', async () => {
    await serveWith({ names: ['localhost'] });
    expect(await tryPools(url)).toEqual(encrypted);
  });

  test('channel binding is used where it is asked for', async () => {
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
    ['that is signed by itself', { names: ['localhost'], signedBy: 'itself' as const }, 'sslrootcert=<file>'],
    ['of an authority that nobody knows', { names: ['localhost'], signedBy: stranger }, 'sslrootcert=<file>'],
  ])('a certificate %s is refused in words', async (_, certificate, sentence) => {
    await serveWith(certificate);
    expect(await tryPools(url)).toEqual(refused(sentence));
  });

  test.each(['', '&sslrootcert=system'])('without the authority’s file%s its certificate is refused', async (root) => {
    await serveWith({ names: ['localhost'] });
    expect(await tryPools(`${plainUrl}?sslmode=verify-full${root}`)).toEqual(refused('sslrootcert=<file>'));
  });
});

describe('to another machine', () => {
  const remoteTest = test.extend('remote', async ({ skip }) => {
    if (address === undefined) skip('this machine has no address that others could reach it by');
    const proxy = await openFaultProxy(server.url, address);
    atEnd(() => proxy.close());
    const toUrl = (mode: string) => `${proxy.url}?sslrootcert=${rootFile}${mode && `&sslmode=${mode}`}`;
    return { proxy, toUrl };
  });

  remoteTest('every mode means TLS with the certificate verified', async ({ remote }) => {
    await serveWith({ names: [address!] });
    for (const mode of ['', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']) {
      expect(await tryPools(remote.toUrl(mode)), mode).toEqual(encrypted);
    }
    // A name that anybody may have a certificate for from their own authority is not the address that was asked for.
    await serveWith({ names: ['localhost'] });
    for (const mode of ['', 'prefer', 'require', 'verify-ca']) {
      expect(await tryPools(remote.toUrl(mode)), mode).toEqual(refused('another host'));
    }
  });

  remoteTest('a change whose answer cannot be read is not said to be undone', async ({ remote }) => {
    await serveWith({ names: [address!] });
    const db = await openDatabase({ url: remote.toUrl('') });
    atEnd(() => db.close());
    const scope = db.asUser('0190a000-0000-7000-8000-00000000000a');
    const { id } = await createTask(scope, { title: 'x' });
    remote.proxy.modifyResponses((answer) => answer.fill(~answer.at(-1)!, answer.length - 1));
    const unknown = { code: 'DATABASE_UNAVAILABLE', isRetryable: false };
    await expect(updateTask(scope, { id, title: 'y' })).rejects.toMatchObject(unknown);
    await remote.proxy.restore();
    expect(await getTask(scope, { id })).toMatchObject({ title: 'y', version: 2 });
  });

  // Where the machine stands still for a moment the connection may seem to have fallen silent.
  remoteTest('a statement far away is ended without its connection', { retry: 3 }, async ({ remote }) => {
    await serveWith({ names: [address!] });
    const db = await openDatabase({ url: remote.toUrl(''), poolMax: 1 });
    atEnd(() => db.close());
    const run = (text: string) => db.acrossAllUsers((em) => em.execute(text));
    const before = await run('select pg_backend_pid()');
    remote.proxy.slow({ latencyMs: 50 });
    const late = inOperation({ deadlineAt: performance.now() + 1_000 }, () => run('select pg_sleep(25)'));
    await expect(late).rejects.toMatchObject({ code: 'STATEMENT_TIMEOUT' });
    expect(await run('select pg_backend_pid()')).toEqual(before);
  });

  remoteTest('plain text is refused before anything is sent', async ({ remote }) => {
    for (const mode of ['disable', 'no-verify']) {
      await expect(openDatabase({ url: remote.toUrl(mode) })).rejects.toMatchObject({ code: 'INVALID_DATABASE_URL' });
      expect(() => openAuthStore({ url: remote.toUrl(mode) })).toThrow('use sslmode=verify-full');
    }
    expect(remote.proxy.roundTrips()).toBe(0);
  });

  remoteTest('a server without TLS hears nothing but the question for it', async () => {
    const heard: Buffer[] = [];
    const plain = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        heard.push(bytes);
        socket.write('N');
      });
    }).listen(0, address);
    atEnd(async () => void plain.close());
    await once(plain, 'listening');
    const { port } = plain.address() as AddressInfo;
    const url = `postgresql://somebody:secret@${address}:${port}/tasks`;
    expect(await tryPools(url)).toEqual(refused('turn its setting ssl on'));
    // SSLRequest: its length, and 1234 5679 in place of a protocol's version.
    const request = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
    expect(heard).toEqual([request, request]);
  });
});

import { Client } from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { formatHost, toClientConfig, withDatabase } from '../../src/connection/client-config.ts';

const tlsOf = (url: string) => toClientConfig(url).ssl;

test('a remote host requires TLS with a verified certificate, even if the URL names a weaker sslmode', () => {
  for (const mode of [
    '',
    '?sslmode=require',
    '?sslmode=prefer',
    '?sslmode=allow',
    '?sslmode=verify-ca',
    '?sslmode=verify-full',
  ]) {
    expect(tlsOf(`postgresql://u:p@ep-x-pooler.eu.example/tasks${mode}`)).toEqual({ host: 'ep-x-pooler.eu.example' });
  }
});

test('a connection to this machine is unencrypted unless the URL requests TLS', () => {
  for (const host of ['localhost', '127.0.0.1', '127.8.0.1', '[::1]']) {
    expect(tlsOf(`postgresql://u:p@${host}:5432/tasks`)).toBe(false);
  }
  for (const search of ['sslmode=require', 'ssl=true', 'sslnegotiation=direct']) {
    expect(tlsOf(`postgresql://u:p@localhost/tasks?${search}`)).toEqual({ host: 'localhost' });
  }
});

const socketUrls = [
  'postgresql://u:p@localhost/tasks?host=/run/pg',
  'postgresql://u:p@%2Frun%2Fpg/tasks',
  'postgresql://u:p@/tasks?host=/run/pg',
  'postgresql:///tasks?host=/run/pg&user=u&password=p',
  'postgresql://u:p@localhost/tasks?host=%2Frun%2Fpg&sslmode=disable',
  'postgresql://u:p@/tasks?host=/run/pg&sslmode=verify-full',
];

test.each(socketUrls)('%s is a Unix socket of this machine, so it needs no TLS', (url) => {
  const { connectionString, ssl } = toClientConfig(url);
  expect(ssl).toBe(false);
  expect(new Client({ connectionString: connectionString! })).toMatchObject({
    host: '/run/pg',
    user: 'u',
    password: 'p',
    database: 'tasks',
  });
  expect(formatHost(url)).toBe('/run/pg');
  const other = new Client({ connectionString: toClientConfig(withDatabase(url, 'other')).connectionString! });
  expect(other).toMatchObject({ host: '/run/pg', database: 'other' });
});

test.each(['postgresql://u:p@/tasks', 'postgresql:///tasks'])(
  '%s is this machine, even if PGHOST names another',
  (url) => {
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('PGHOST', 'db.example');
    const { connectionString, ssl } = toClientConfig(url);
    expect(ssl).toBe(false);
    expect(new Client({ connectionString: connectionString! }).host).toBe('localhost');
  },
);

test('a remote host in the parameter host requires TLS', () => {
  expect(tlsOf('postgresql://u:p@localhost/tasks?host=db.example')).toEqual({ host: 'db.example' });
  expect(tlsOf('postgresql://u:p@db.example/tasks?host=localhost')).toBe(false);
});

test('no parameter of the URL weakens TLS for a remote host', () => {
  for (const search of ['ssl=0', 'ssl=no-verify', 'uselibpqcompat=true&sslmode=require', 'sslnegotiation=direct']) {
    const { connectionString, ssl } = toClientConfig(`postgresql://u:p@[fd00::2]/tasks?${search}`);
    expect(ssl).toEqual({ host: 'fd00::2' });
    expect(new URL(connectionString!).search).toBe('');
  }
});

test('the error for an unreadable certificate file contains its path', () => {
  const url = 'postgresql://u:p@h.example/tasks?sslrootcert=/nowhere/root.pem';
  expect(() => toClientConfig(url)).toThrow('The file in sslrootcert cannot be read: /nowhere/root.pem');
});

test.each(['disable', 'no-verify'])(
  'sslmode=%s is refused for a remote host, and the error names the alternative',
  (mode) => {
    const url = `postgresql://u:secret@db.example/tasks?sslmode=${mode}`;
    expect(() => toClientConfig(url)).toThrow('Use sslmode=verify-full');
  },
);

test.each(['', 'tasks', 'mysql://u:p@h/tasks', 'postgresql://u:secret@localhost', 'postgresql://u:secret@localhost/'])(
  '%j is refused as a database URL, and the error contains no part of it',
  (url) => {
    expect(() => toClientConfig(url)).toThrow(
      'The database URL must look like postgresql://user:password@host/database.',
    );
  },
);

test('channel binding is enabled only if the URL requires it', () => {
  expect(toClientConfig('postgresql://u:p@h.example/t?channel_binding=require').enableChannelBinding).toBe(true);
  expect(toClientConfig('postgresql://u:p@h.example/t').enableChannelBinding).toBe(false);
});

import { expect, test } from 'vitest';
import { toClientConfig } from '../src/connection/client-config.ts';

const tlsOf = (url: string) => toClientConfig(url).ssl;

test('a remote host is reached over TLS with its certificate verified, whatever weaker mode the URL names', () => {
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

test('this machine may be reached in plain text', () => {
  for (const host of ['localhost', '127.0.0.1', '127.8.0.1', '[::1]']) {
    expect(tlsOf(`postgresql://u:p@${host}:5432/tasks`)).toBe(false);
  }
  for (const search of ['sslmode=require', 'ssl=true', 'sslnegotiation=direct']) {
    expect(tlsOf(`postgresql://u:p@localhost/tasks?${search}`)).toEqual({ host: 'localhost' });
  }
});

test('nothing in the URL weakens what is decided of TLS', () => {
  for (const search of ['ssl=0', 'ssl=no-verify', 'uselibpqcompat=true&sslmode=require', 'sslnegotiation=direct']) {
    const { connectionString, ssl } = toClientConfig(`postgresql://u:p@[fd00::2]/tasks?${search}`);
    expect(ssl).toEqual({ host: 'fd00::2' });
    expect(new URL(connectionString!).search).toBe('');
  }
});

test('a file that cannot be read is named', () => {
  const url = 'postgresql://u:p@h.example/tasks?sslrootcert=/nowhere/root.pem';
  expect(() => toClientConfig(url)).toThrow('the file that sslrootcert names cannot be read: /nowhere/root.pem');
});

test.each(['disable', 'no-verify'])('sslmode=%s to a remote host is refused with what to do instead', (mode) => {
  const url = `postgresql://u:secret@db.example/tasks?sslmode=${mode}`;
  expect(() => toClientConfig(url)).toThrow('use sslmode=verify-full');
});

test.each(['', 'tasks', 'mysql://u:p@h/tasks', 'postgresql://u:secret@localhost', 'postgresql://u:secret@localhost/'])(
  '%j is no database URL, and the message shows nothing of it',
  (url) => {
    expect(() => toClientConfig(url)).toThrow(
      'the database URL must look like postgresql://user:password@host/database',
    );
  },
);

test('channel binding is asked for where the URL asks for it', () => {
  expect(toClientConfig('postgresql://u:p@h.example/t?channel_binding=require').enableChannelBinding).toBe(true);
  expect(toClientConfig('postgresql://u:p@h.example/t').enableChannelBinding).toBe(false);
});

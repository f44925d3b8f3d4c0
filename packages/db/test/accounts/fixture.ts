import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { programEnv } from '../../src/testing/index.ts';
import { cli } from '../backup/fixture.ts';

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `pnpm db users` for a database. `input` is what the operator types. */
export function runUsers(url: string, args: string[], input = ''): Promise<Outcome> {
  const env = { ...programEnv, DATABASE_URL_UNPOOLED: url };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [cli, 'users', ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
    child.stdin!.on('error', () => {}).end(input);
  });
}

/** The JSON that a command printed. */
export const parse = ({ stdout }: Outcome) => JSON.parse(stdout) as Record<string, unknown>;

/** The line for the log that a command wrote to standard error. */
export function toLogLine({ stderr }: Outcome): Record<string, unknown> {
  const lines = stderr.split('\n').filter((line) => line.includes('"operator command"'));
  if (lines.length !== 1) throw new Error(`expected one line for the log:\n${stderr}`);
  return JSON.parse(lines[0]!.slice(lines[0]!.indexOf('{'))) as Record<string, unknown>;
}

/** Creates an account of the built-in sign-in with a password, two sessions, and two API tokens of which one has expired. */
export async function createAccount(sql: Client, values: { id?: string; email?: string } = {}): Promise<string> {
  const { id = randomUUID(), email = `${id}@example.org` } = values;
  await sql.query(`insert into auth."user" (id, name, email, "emailVerified") values ($1, 'Ada', $2, false)`, [
    id,
    email,
  ]);
  await sql.query(
    `insert into auth.account ("accountId", "providerId", "userId", password, "updatedAt")
    values ($1::uuid, 'credential', $1::uuid, 'the hash of a password', now())`,
    [id],
  );
  await sql.query(
    `insert into auth.session ("expiresAt", token, "updatedAt", "userId")
    select now() + interval '1 day', gen_random_uuid(), '2026-05-01T10:00:00Z', $1 from generate_series(1, 2)`,
    [id],
  );
  await sql.query(
    `insert into auth.api_tokens (user_id, name, scope, hash, expires_at)
    select $1, 'secret name', scope, left(md5(gen_random_uuid()::text) || md5(scope), 43), expires_at
    from (values ('read', null::timestamptz), ('write', now() - interval '1 day')) as token (scope, expires_at)`,
    [id],
  );
  return id;
}

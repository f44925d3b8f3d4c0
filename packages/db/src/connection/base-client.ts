import { statSync } from 'node:fs';
import { Client, type ClientConfig, DatabaseError, type Connection } from 'pg';
import { startupParameters, toStartupOptions } from './fixed-settings.ts';

/** What the clients of one pool share about the start of a session. */
export interface SessionStart {
  /** The `statement_timeout` outside of transactions that set one; 0 for no limit. */
  readonly statementTimeoutMs: number;
  /** False once a pooler has refused the startup parameter `options`. */
  sendsOptions: boolean;
}

/** Methods that node-postgres has and its types omit. */
interface StartingClient {
  getStartupConf(): Record<string, string>;
  _handleAuthCleartextPassword(message: unknown): void;
  _handleAuthMD5Password(message: unknown): void;
}

const driver = Client.prototype as unknown as StartingClient;

/**
 * A node-postgres client whose sessions do not depend on the defaults of the server, the database and the role. Without
 * TLS, it authenticates with SCRAM only, because the password must not reach another program that listens on the port.
 */
export class BaseClient extends Client {
  readonly #start: SessionStart;

  constructor(config: ClientConfig, start: SessionStart) {
    super(config);
    this.#start = start;
  }

  getStartupConf(): Record<string, string> {
    const given = driver.getStartupConf.call(this);
    if (!this.#start.sendsOptions) return { ...given, ...startupParameters };
    const options = [given['options'], toStartupOptions(this.#start.statementTimeoutMs)].filter(Boolean).join(' ');
    return { ...given, ...startupParameters, options };
  }

  _handleAuthCleartextPassword(message: unknown): void {
    if (isProtected(this)) driver._handleAuthCleartextPassword.call(this, message);
    else refuse(this.connection, 'clear-text');
  }

  _handleAuthMD5Password(message: unknown): void {
    if (isProtected(this)) driver._handleAuthMD5Password.call(this, message);
    else refuse(this.connection, 'MD5');
  }
}

/** The code of the error for a server that requests a password in a form that others can read or use. */
export const weakAuthentication = 'WEAK_AUTHENTICATION';

function refuse(connection: Connection, method: string): void {
  const message = `The database server requests a ${method} password without TLS. Use scram-sha-256 in pg_hba.conf, or TLS.`;
  connection.stream.destroy(Object.assign(new Error(message), { code: weakAuthentication }));
}

/** Whether only the server can read what the client sends: with TLS, or in a folder that no other user can write to. */
function isProtected({ ssl, host }: Client & { ssl?: unknown }): boolean {
  if (ssl) return true;
  if (!host.startsWith('/')) return false;
  const folder = statSync(host, { throwIfNoEntry: false });
  return folder !== undefined && (folder.mode & 0o022) === 0;
}

/** Whether a pooler refused the connection because of the startup parameter `options`. */
export function isRefusedStart(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === '08P01' || error.code === '0A000');
}

import type { Client, ClientBase, Connection, Submittable } from 'pg';
import { BaseClient, isRefusedStart, type SessionStart } from './base-client.ts';
import { toClientConfig } from './client-config.ts';
import { markDriverError } from './driver-error.ts';

const connectTimeoutMs = 15_000;
/** With TCP keep-alive and the system's retries, a dead network is noticed within minutes instead of hours. */
const keepAliveDelayMs = 10_000;

/**
 * Opens a connection for long work. An abort of the signal destroys the connection.
 *
 * @throws InvalidDatabaseUrlError if the URL is invalid. Rejects with the driver's error if the server does not respond.
 */
export async function openConnection(url: string, signal?: AbortSignal): Promise<Client> {
  const start = { statementTimeoutMs: 0, sendsOptions: true };
  try {
    return await attemptConnection(url, start, signal);
  } catch (error) {
    if (!isRefusedStart(error)) throw error;
    return attemptConnection(url, { ...start, sendsOptions: false }, signal);
  }
}

async function attemptConnection(url: string, start: SessionStart, signal?: AbortSignal): Promise<Client> {
  signal?.throwIfAborted();
  const config = {
    ...toClientConfig(url),
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveDelayMs,
  };
  const client = new DedicatedClient(config, start);
  // The running query rejects when the connection is lost. Without a listener the event would end the process.
  client.on('error', () => {});
  destroy(client, signal);
  await client.connect().catch(rethrow);
  return client;
}

/** Marks the errors of the driver. */
class DedicatedClient extends BaseClient {
  // oxlint-disable-next-line typescript/no-explicit-any -- One implementation for the nine signatures of the method.
  override query(config: any, ...others: any[]): any {
    if (typeof config.submit === 'function') return super.query(markErrors(config));
    const result = super.query(config, ...others) as Promise<unknown> | undefined;
    return result?.catch(rethrow);
  }
}

function rethrow(error: unknown): never {
  throw markDriverError(error);
}

function markErrors<Request extends Submittable>(request: Request): Request {
  const { handleError } = request as Request & { handleError(error: Error, connection: Connection): void };
  return Object.assign(request, {
    handleError: (error: Error, connection: Connection) =>
      handleError.call(request, markDriverError(error), connection),
  });
}

const detachers = new WeakMap<ClientBase, () => void>();

/** Destroys the connection when the signal is aborted. PostgreSQL then rolls back the open transaction. */
export function destroy(client: ClientBase, signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  const { connection } = client as ClientBase & { connection: Connection };
  const onAbort = () => connection.stream.destroy(new Error('Connection terminated'));
  // `connect` would revive a socket that was destroyed before it.
  if (signal.aborted) return void setImmediate(onAbort);
  signal.addEventListener('abort', onAbort, { once: true });
  detachers.set(client, () => signal.removeEventListener('abort', onAbort));
  client.once('end', () => detach(client));
}

/** Detaches the client from its abort signal. Call it before a commit: the outcome of an aborted commit is unknown. */
export function detach(client: ClientBase): void {
  detachers.get(client)?.();
}

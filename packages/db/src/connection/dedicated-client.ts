import { Client, type ClientBase, type Connection } from 'pg';
import { toClientConfig } from './client-config.ts';

const connectTimeoutMs = 15_000;
/** With TCP keep-alive and the system's retries, a dead network is noticed within minutes instead of hours. */
const keepAliveDelayMs = 10_000;

/**
 * Opens a connection for long work. An abort of the signal destroys the connection.
 *
 * @throws InvalidDatabaseUrlError if the URL is invalid. Rejects with the driver's error if the server does not respond.
 */
export async function openConnection(url: string, signal?: AbortSignal): Promise<Client> {
  signal?.throwIfAborted();
  const client = new Client({
    ...toClientConfig(url),
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveDelayMs,
  });
  // The running query rejects when the connection is lost. Without a listener the event would end the process.
  client.on('error', () => {});
  destroy(client, signal);
  await client.connect();
  return client;
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

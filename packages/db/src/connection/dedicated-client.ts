import { Client, type ClientBase, type Connection } from 'pg';
import { toClientConfig } from './client-config.ts';

const connectTimeoutMs = 15_000;
/** A dead network shows after this and the system's own repetitions, in minutes rather than in hours. */
const probeAfterMs = 10_000;

/**
 * Opens a connection for work that takes its time. Where the signal is given, whatever runs on it ends at once.
 *
 * @throws InvalidDatabaseUrlError for a URL that cannot be used; the driver's error where nobody answers.
 */
export async function openConnection(url: string, signal?: AbortSignal): Promise<Client> {
  signal?.throwIfAborted();
  const client = new Client({
    ...toClientConfig(url),
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: probeAfterMs,
  });
  // Whoever waits for an answer is told of a lost connection; without a listener it would end the process.
  client.on('error', () => {});
  destroy(client, signal);
  await client.connect();
  return client;
}

const cuts = new WeakMap<ClientBase, () => void>();

/** Cuts the connection when the signal is given. PostgreSQL then takes back what was not committed. */
export function destroy(client: ClientBase, signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  const { connection } = client as ClientBase & { connection: Connection };
  const cut = () => connection.stream.destroy(new Error('Connection terminated'));
  // A socket that is not connected yet would only be made anew.
  if (signal.aborted) return void setImmediate(cut);
  signal.addEventListener('abort', cut, { once: true });
  cuts.set(client, () => signal.removeEventListener('abort', cut));
  client.once('end', () => spare(client));
}

/** Keeps the signal from the connection from here on: of a commit that is cut off nobody knows what became. */
export function spare(client: ClientBase): void {
  cuts.get(client)?.();
}

import { Client, type ClientBase, type Connection } from 'pg';
import { toClientConfig } from '../connection.ts';

const connectTimeoutMs = 15_000;
/** A dead network shows after this and the system's own repetitions, in minutes rather than in hours. */
const probeAfterMs = 10_000;

/**
 * Opens a connection for work that takes its time. Where the signal is given, whatever runs on it ends at once.
 *
 * @throws InvalidDatabaseUrlError for a URL that cannot be used; the driver's error where nobody answers.
 */
export async function openConnection(url: string, signal?: AbortSignal): Promise<Client> {
  const client = new Client({
    ...toClientConfig(url),
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: probeAfterMs,
  });
  // Whoever waits for an answer is told of a lost connection; without a listener it would end the process.
  client.on('error', () => {});
  await client.connect();
  breakOff(client, signal);
  return client;
}

/** Cuts the connection when the signal is given. PostgreSQL then takes back what was not committed. */
export function breakOff(client: ClientBase, signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  const { connection } = client as ClientBase & { connection: Connection };
  const cut = () => connection.stream.destroy(new Error('Connection terminated'));
  if (signal.aborted) return void cut();
  signal.addEventListener('abort', cut, { once: true });
  client.once('end', () => signal.removeEventListener('abort', cut));
}

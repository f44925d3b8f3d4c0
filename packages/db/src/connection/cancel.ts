import { once } from 'node:events';
import { type Client, Connection } from 'pg';
import { serialize } from 'pg-protocol';

const patienceMs = 2_000;

/** What node-postgres' types leave out. */
interface Identified {
  readonly processID: number;
  readonly secretKey: number;
  readonly ssl: boolean | object;
}

interface CancelConnection extends Connection {
  connect(port: number, host: string): void;
  requestSsl(): void;
}

/**
 * Asks PostgreSQL to end the statement that runs on a connection, as the protocol has it: on a connection of its own,
 * encrypted where the other is, which PostgreSQL closes once it has passed the request on. Poolers pass it on as well.
 *
 * @returns false where that took too long, so that the request may still arrive, at whatever runs by then; never rejects.
 */
export async function sendCancel(client: Client): Promise<boolean> {
  const { host, port, ssl, processID, secretKey } = client as Client & Identified;
  const connection = new Connection({ ssl }) as CancelConnection;
  const send = () => void connection.stream.write(serialize.cancel(processID, secretKey));
  connection.on('connect', () => (ssl ? connection.requestSsl() : send()));
  connection.on('sslconnect', send);
  connection.on('error', () => {});
  let isInTime = true;
  const timer = setTimeout(() => {
    isInTime = false;
    connection.stream.destroy();
  }, patienceMs);
  const ended = once(connection, 'end');
  // A path is how node-postgres names a socket of this machine.
  if (host.startsWith('/'))
    (connection as unknown as { connect(path: string): void }).connect(`${host}/.s.PGSQL.${port}`);
  else connection.connect(port, host);
  await ended.catch(() => {});
  clearTimeout(timer);
  return isInTime;
}

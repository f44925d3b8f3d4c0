import { once } from 'node:events';
import { type Client, Connection } from 'pg';
import { serialize } from 'pg-protocol';

const timeoutMs = 2_000;

/** Members that node-postgres has and its types omit. */
interface ConnectedClient {
  readonly processID: number;
  readonly secretKey: number;
  readonly ssl: boolean | object;
}

interface CancelConnection extends Connection {
  connect(port: number, host: string): void;
  requestSsl(): void;
}

/**
 * Requests PostgreSQL to cancel the statement that runs on a connection. The protocol demands a separate connection for
 * this; it uses TLS if the client does. PostgreSQL closes it after it has processed the request. Poolers forward the
 * request. Never rejects.
 *
 * @returns false if the request took longer than 2 seconds. It may then still arrive, and cancel a later statement.
 */
export async function sendCancel(client: Client): Promise<boolean> {
  const { host, port, ssl, processID, secretKey } = client as Client & ConnectedClient;
  const connection = new Connection({ ssl }) as CancelConnection;
  const send = () => void connection.stream.write(serialize.cancel(processID, secretKey));
  connection.on('connect', () => (ssl ? connection.requestSsl() : send()));
  connection.on('sslconnect', send);
  connection.on('error', () => {});
  let isInTime = true;
  const timer = setTimeout(() => {
    isInTime = false;
    connection.stream.destroy();
  }, timeoutMs);
  const ended = once(connection, 'end');
  // node-postgres stores the folder of a Unix socket as the host.
  if (host.startsWith('/'))
    (connection as unknown as { connect(path: string): void }).connect(`${host}/.s.PGSQL.${port}`);
  else connection.connect(port, host);
  await ended.catch(() => {});
  clearTimeout(timer);
  return isInTime;
}

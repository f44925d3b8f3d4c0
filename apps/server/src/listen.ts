import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toHttpUrl } from './env.ts';
import { StartError } from './start-error.ts';

/**
 * Listens. A request handler has to be attached before anything else is awaited.
 *
 * @returns the server and where it is reached: with port 0 that is known only now.
 * @throws StartError when it cannot listen there.
 */
export async function listen({ host, port }: { host: string; port: number }): Promise<{ server: Server; url: string }> {
  // Longer than the idle time of the usual load balancers, which would otherwise reuse a connection as it is closed.
  const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 60_000 });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new StartError(describe(error as NodeJS.ErrnoException, host, port), { cause: error });
  }
  return { server, url: toHttpUrl(host, (server.address() as AddressInfo).port) };
}

function describe({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  if (code === 'EADDRINUSE')
    return `Port ${port} on ${host} is taken: stop the program that listens there, or set PORT.`;
  if (code === 'EACCES') return `Port ${port} on ${host} needs more rights: set PORT to one above 1023.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `${host} is no address of this machine: set HOST.`;
  return `The server cannot listen on ${host}, port ${port}: ${message}`;
}

/** Stops accepting, lets running requests finish, and ends those that have not after the deadline. */
export async function closeServer(server: Server, deadlineMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // A connection that was busy a moment ago is idle by now, and would be kept for the client's next request.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const deadline = setTimeout(() => server.closeAllConnections(), deadlineMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(deadline);
}

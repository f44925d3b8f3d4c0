import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toHttpUrl } from '../request/http-url.ts';
import { StartError } from '../start-error.ts';

/**
 * Listens. A request handler has to be attached before anything else is awaited.
 *
 * @returns the server and where it is reached: with port 0 that is known only now.
 * @throws StartError when it cannot listen there.
 */
export async function listen({ host, port }: { host: string; port: number }): Promise<{ server: Server; url: string }> {
  const server = createServer({
    // Longer than the idle time of the usual load balancers, which would otherwise reuse a connection as it is closed.
    keepAliveTimeout: 65_000,
    requestTimeout: 60_000,
    // Node would answer such a request by itself, without a request id; the application refuses it.
    requireHostHeader: false,
  });
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

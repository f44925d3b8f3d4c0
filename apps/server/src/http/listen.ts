import { once } from 'node:events';
import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { releaseParsersOfStreams } from '../live/release-parser.ts';
import { toHttpUrl } from '../request/http-url.ts';
import { StartError } from '../start-error.ts';
import { refuseSmallChunks } from './small-chunks.ts';

/** The prototypes of all requests and responses of one server. */
export interface MessagePrototypes {
  request: IncomingMessage;
  response: ServerResponse;
}

export interface Listening {
  server: Server;
  url: string;
  prototypes: MessagePrototypes;
}

/**
 * Starts to listen. Attach a request handler before you await anything else.
 *
 * @returns the server and its URL. With port 0, the system chooses the port.
 * @throws StartError if the server cannot listen on the address.
 */
export async function listen({ host, port }: { host: string; port: number }): Promise<Listening> {
  class Request extends IncomingMessage {}
  class Response extends ServerResponse<Request> {}
  const server = createServer({
    IncomingMessage: Request,
    ServerResponse: Response,
    // Longer than the idle time of common load balancers, which would otherwise reuse a connection while it closes.
    keepAliveTimeout: 65_000,
    requestTimeout: 60_000,
    // The application rejects such requests. Node's own response has no request ID.
    requireHostHeader: false,
    // No client upgrades a connection. See `releaseParsersOfStreams`.
    shouldUpgradeCallback: () => false,
  });
  refuseSmallChunks(server);
  releaseParsersOfStreams(server);
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new StartError(describe(error as NodeJS.ErrnoException, host, port), { cause: error });
  }
  const url = toHttpUrl(host, (server.address() as AddressInfo).port);
  return { server, url, prototypes: { request: Request.prototype, response: Response.prototype } };
}

function describe({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  if (code === 'EADDRINUSE') return `Port ${port} on ${host} is already in use. Stop that program, or change PORT.`;
  if (code === 'EACCES') return `Port ${port} on ${host} needs more privileges. Set PORT to 1024 or higher.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is not an address of this machine. Change HOST.`;
  return `The server cannot listen on ${host}, port ${port} (${message}). Change HOST or PORT.`;
}

import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type RequestListener, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { inOperation } from '@holdfast/operation';
import { TRPCError } from '@trpc/server';
import type { Logger } from 'pino';
import { toErrorShape } from '../request/error-shape.ts';
import { hasLongHost } from '../request/long-host.ts';
import type { Connections } from './connections.ts';
import { toRequestId } from './request-log.ts';

interface Reason {
  status: number;
  code: 'BAD_REQUEST' | 'TIMEOUT';
  message: string;
}

const badRequest: Reason = { status: 400, code: 'BAD_REQUEST', message: 'The request is malformed.' };

/** By the error code of Node. */
const reasons: Record<string, Reason> = {
  HPE_HEADER_OVERFLOW: { status: 431, code: 'BAD_REQUEST', message: 'The headers are too large.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'TIMEOUT', message: 'The request did not arrive in time.' },
};

/** Sends error responses in the format of all other errors, in place of Node's own. */
export function handleBadRequest(server: Server, connections: Connections, logger: Logger): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const isClosed = error.code === 'ECONNRESET' || !socket.writable;
    if (isClosed || connections.isResponding(socket)) {
      socket.destroy();
      return;
    }
    const reason = reasons[error.code ?? ''] ?? badRequest;
    const requestId = randomUUID();
    logger.info({ requestId, status: reason.status, code: reason.code, cause: error.code }, 'malformed request');
    const { headers, body } = toResponse(reason, requestId);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    socket.write([`HTTP/1.1 ${reason.status} ${STATUS_CODES[reason.status]}`, ...lines, '', body].join('\r\n'));
    socket.destroySoon();
  });
  // HTTP allows a server to ignore an unknown expectation.
  server.on('checkExpectation', (req: IncomingMessage, res: ServerResponse) => server.emit('request', req, res));
}

/** Rejects requests without a valid host, and targets that Express cannot parse. Express would send its own response. */
export function withValidTarget(handle: RequestListener, logger: Logger): RequestListener {
  return (req, res) => {
    const target = toOriginForm(req.url ?? '');
    if (target !== null && hasValidHost(req)) {
      req.url = target;
      return handle(req, res);
    }
    const requestId = toRequestId(req.headers['x-request-id']);
    logger.info({ requestId, status: badRequest.status, code: badRequest.code }, 'malformed request');
    const { headers, body } = toResponse(badRequest, requestId);
    res.writeHead(badRequest.status, headers).end(body);
  };
}

/** A host with an optional port, without a user, spaces and all that a URL would encode or change. */
const validHost = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/** Almost every request has the same host as the one before. */
let knownHost: string | undefined;

function hasValidHost({ headers: { host }, httpVersion }: IncomingMessage): boolean {
  if (host === undefined) return httpVersion !== '1.1';
  if (host === knownHost) return true;
  if (!validHost.test(host) || !URL.canParse(`http://${host}`)) return false;
  knownHost = host;
  return true;
}

/** The path and query of a target, or null if it has none. Ignores the host of an absolute URL. */
function toOriginForm(target: string): string | null {
  if (target.startsWith('/') || target === '*') return target;
  if (hasLongHost(target)) return null;
  const url = URL.parse(target);
  return url !== null && /^https?:$/.test(url.protocol) ? url.pathname + url.search : null;
}

function toResponse({ status, code, message }: Reason, requestId: string) {
  const shape = inOperation({ requestId }, () => toErrorShape(new TRPCError({ code, message })));
  const body = JSON.stringify({ error: { ...shape, data: { ...shape.data, httpStatus: status } } });
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'x-request-id': requestId,
    connection: 'close',
  };
  return { headers, body };
}

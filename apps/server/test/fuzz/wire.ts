import { connect } from 'node:net';

/** A request without the headers that `toBytes` adds. */
export interface WireRequest {
  method: string;
  target: string;
  /** May repeat names and contain any bytes. */
  headers: readonly (readonly [string, string])[];
  body: Buffer | null;
}

export interface WireResponse {
  status: number;
  headers: Headers;
  body: string;
}

/** Writes the request as HTTP/1.1 with the length of its body, and asks the server to close the connection. */
export function toBytes({ method, target, headers, body }: WireRequest): Buffer {
  const lines = [
    ...headers,
    ...(body === null ? [] : [['content-length', String(body.length)]]),
    ['connection', 'close'],
  ];
  const head = [`${method} ${target} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`), '', ''].join(
    '\r\n',
  );
  return Buffer.concat([Buffer.from(head, 'latin1'), body ?? Buffer.alloc(0)]);
}

/**
 * Sends bytes, reads until the server closes the connection, and returns the responses. Most requests get one. A stream is
 * closed after its first page.
 *
 * @param endsAfterMs Closes the sending side if no response has begun by then, for requests that are possibly incomplete.
 *   The server may then close without a response.
 */
export async function sendBytes(url: string, bytes: Buffer, endsAfterMs?: number): Promise<WireResponse[]> {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
  // The server may close while it still receives bytes. The responses sent before are read nevertheless.
  socket.on('error', () => {});
  socket.write(bytes);
  const timer = endsAfterMs === undefined ? undefined : setTimeout(() => socket.end(), endsAfterMs);
  socket.once('close', () => clearTimeout(timer));
  let received = '';
  try {
    for await (const chunk of socket) {
      received += (chunk as Buffer).toString('latin1');
      if (firstPage.test(received)) break;
    }
  } catch {
    received = '';
  }
  socket.destroy();
  return parse(received);
}

/** The first event of a stream has no data of the user. The end of a chunk follows each event. */
const firstPage = /^content-type: text\/event-stream\r$[^]*\nevent: connected\n[^]*\n\n\n[^]*\n\n\n\r\n/m;

function parse(text: string): WireResponse[] {
  if (!text.startsWith('HTTP/1.1 ')) return [];
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const status = Number(first.split(' ')[1]);
  const rest = text.slice(end + 4);
  // An informational response, for example 100 Continue.
  if (status < 200) return parse(rest);
  const headers = new Headers(lines.map((line) => /^([^:]+): ?(.*)$/.exec(line)!.slice(1) as [string, string]));
  const [body, next] = headers.get('transfer-encoding') === 'chunked' ? joinChunks(rest) : cut(rest, headers);
  return [{ status, headers, body }, ...parse(next)];
}

/** A response to HEAD has a length and no body. */
function cut(rest: string, headers: Headers): [string, string] {
  const length = Number(headers.get('content-length') ?? rest.length);
  return [rest.slice(0, length), rest.slice(length)];
}

function joinChunks(text: string): [string, string] {
  let body = '';
  let at = 0;
  for (;;) {
    const start = text.indexOf('\r\n', at) + 2;
    const size = Number.parseInt(text.slice(at, start), 16);
    at = start + size + 2;
    // The last chunk, or the end of a stream that this side has closed.
    if (!(size > 0)) return [body, text.slice(at)];
    body += text.slice(start, start + size);
  }
}

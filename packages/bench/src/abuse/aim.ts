import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server that an attacker knows, and accounts of the attacker. */
export interface Target {
  url: string;
  /** Of one account. */
  token: string;
  /** The session of this account. */
  session: string;
  /** Of several accounts. */
  tokens: string[];
  /** Of accounts with much data, by `preparedUsers`. Each round has others. */
  preparedTokens: string[];
  /** An e-mail address of another user. */
  email: string;
  /** A task of the attacker's account. */
  taskId: string;
}

export interface Outgoing {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Size that the head names; default: the body's. */
  length?: number;
  /** Address of the client; default: the attacker's. */
  from?: string | undefined;
}

/** Means of an attack. Sockets end with the attack. */
export interface Aim extends Target {
  signal: AbortSignal;
  readonly requests: number;
  /** Header of the account. */
  signedIn: Record<string, string>;
  /** An address from which no client has called. */
  newAddress(): string | undefined;
  /** A connection that writes `bytes`, and reads nothing until the caller listens for data. */
  open(bytes?: string | Buffer, from?: string): Socket;
  /** Sends a request and discards the response. Resolves when the server is done with it. */
  send(request: Outgoing): Promise<void>;
  /** Counts more requests on an open connection. */
  count(requests: number): void;
  /** Calls `act` at a fixed rate, without waiting for its end, until the attack ends. */
  repeat(perSecond: number, act: (at: number) => unknown): Promise<void>;
}

export interface Attack {
  title: string;
  /** Runs until the signal of the attack aborts. */
  run(aim: Aim): Promise<unknown>;
}

/** The number of requests per second of an attacker. */
export const quickly = 9;

/** On Linux, all of 127.0.0.0/8 is this machine, so that each client can have an address. */
const toAddress = (number: number) =>
  process.platform === 'linux' ? `127.${2 + ((number >> 16) & 63)}.${(number >> 8) & 255}.${number & 255}` : undefined;

export function createAim(target: Target, signal: AbortSignal): Aim {
  const { hostname, port } = new URL(target.url);
  const sockets = new Set<Socket>();
  let requests = 0;
  // Each round has a new process.
  let addresses = process.pid * 1000;
  const ownAddress = toAddress(addresses++);
  signal.addEventListener('abort', () => {
    for (const socket of sockets) socket.destroy();
  });

  function open(bytes?: string | Buffer, localAddress = ownAddress): Socket {
    requests += 1;
    const socket = connect({ host: hostname, port: Number(port), localAddress });
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    if (bytes !== undefined) socket.write(bytes);
    return socket;
  }

  return {
    ...target,
    signal,
    get requests() {
      return requests;
    },
    signedIn: { authorization: `Bearer ${target.token}` },
    newAddress: () => toAddress(addresses++),
    open,
    async send(request) {
      const socket = open(toBytes({ ...request, headers: { connection: 'close', ...request.headers } }), request.from);
      socket.resume();
      await new Promise((resolve) => socket.once('close', resolve));
    },
    count(more) {
      requests += more;
    },
    async repeat(perSecond, act) {
      for (let at = 0; !signal.aborted; at++) {
        act(at);
        await sleep(1000 / perSecond, undefined, { signal }).catch(() => {});
      }
    },
  };
}

export function toBytes({ method, path, headers = {}, body, length }: Outgoing): Buffer {
  const bytes = Buffer.from(body ?? '');
  const lines = Object.entries({
    host: 'tasks.example.org',
    ...(body !== undefined && { 'content-type': 'application/json', 'content-length': String(length ?? bytes.length) }),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  const head = [`${method ?? (body === undefined ? 'GET' : 'POST')} ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head), bytes]);
}

export const times = <Item>(count: number, make: (at: number) => Item): Item[] =>
  Array.from({ length: count }, (_, at) => make(at));

export const toBearer = (token: string) => ({ authorization: `Bearer ${token}` });

export const toInput = (value: object): string => encodeURIComponent(JSON.stringify(value));

/** The inputs of a batch by number. */
export const byNumber = (inputs: readonly object[]): object => Object.fromEntries(inputs.entries());

/** Of a tool of assistants. */
export function toToolCall(token: string, message: { id: number; params: object }): Outgoing {
  return {
    path: '/mcp',
    headers: { ...toBearer(token), accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', method: 'tools/call', ...message }),
  };
}

export function toBatch(procedure: string, inputs: readonly object[]): string {
  return `/trpc/${inputs.map(() => procedure).join(',')}?batch=1&input=${toInput(byNumber(inputs))}`;
}

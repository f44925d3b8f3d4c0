import { connect, type Socket } from 'node:net';

/** A live stream on a connection of its own. */
export interface Stream {
  /** Resolves when the server has sent the head of the response. */
  opened: Promise<void>;
  socket: Socket;
}

/**
 * @param since Cursor after which the changes begin. Default: a first copy comes first.
 * @param from Address of the client.
 */
export function openStream(
  url: string,
  {
    token,
    since,
    from,
    onText,
  }: { token: string; since?: string; from?: string | undefined; onText?: (text: string) => void },
): Stream {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), ...(from && { localAddress: from }) });
  const { promise: opened, resolve, reject } = Promise.withResolvers<void>();
  let head = '';
  socket.setEncoding('utf8');
  socket.on('error', reject);
  socket.on('close', () => reject(new Error('The server closed a stream.')));
  socket.on('data', (text: string) => {
    if (head !== 'complete') {
      head += text;
      if (!head.includes('\r\n\r\n')) return;
      if (!head.startsWith('HTTP/1.1 200')) return reject(new Error(`The server refused a stream: ${head}`));
      head = 'complete';
      resolve();
    }
    onText?.(text);
  });
  const input = encodeURIComponent(JSON.stringify({ since }));
  socket.write(
    `GET /trpc/changes.watch?input=${input} HTTP/1.1\r\nhost: ${hostname}:${port}\r\naccept: text/event-stream\r\nauthorization: Bearer ${token}\r\n\r\n`,
  );
  return { opened, socket };
}

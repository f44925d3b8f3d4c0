import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Aim, type Attack, type Outgoing, quickly, times, toBearer, toBytes } from './aim.ts';

const kilobyte = 1024;

/** A URL whose marks a parser must sort. The first letter stands for two marks, and all of the others belong before them: 16 KB take 40 ms. */
const markedUrl = `http://a${'\u0344'.repeat(3900)}${'\u0316'.repeat(4000)}`;
const markedSignOut = { path: '/api/auth/sign-out', body: JSON.stringify({ callbackURL: markedUrl }) };

/** 16 KB of cookies that the sign-in library removes from the browser, each with a header of its own. */
const sessionChunks = [
  'holdfast.session_token=a.b',
  'holdfast.session_data.0=x',
  ...Array.from({ length: 595 }, (_, at) => `holdfast.session_data.${at + 1}=`),
].join(';');

/** 16 KB of foreign cookies whose values cannot be decoded. */
const brokenCookies = [
  'holdfast.session_token=a.b',
  ...Array.from({ length: 2400 }, (_, at) => `${at.toString(36)}=%`),
].join(';');

/** Nine requests per second on average, all at once. */
const burstSeconds = 3;
const burst = quickly * burstSeconds;

function repeatBytes(request: Outgoing, count: number): Buffer {
  const bytes = toBytes(request);
  return Buffer.concat(Array.from({ length: count }, () => bytes));
}

/** Sends a request at a fixed rate, on a connection each. */
const sendEach =
  (request: Outgoing, perSecond = quickly): Attack['run'] =>
  ({ repeat, send }) =>
    repeat(perSecond, () => send(request));

/** Sends the requests of `burstSeconds` at once, on a connection each. */
function sendAtOnce(request: Outgoing | ((aim: Aim) => Outgoing)): Attack['run'] {
  return (aim) => {
    const outgoing = typeof request === 'function' ? request(aim) : request;
    return aim.repeat(1 / burstSeconds, () => {
      for (let count = 0; count < burst; count++) void aim.send(outgoing);
    });
  };
}

/** As `sendAtOnce`, each from an address of its own. */
const sendFromAll =
  (request: Outgoing): Attack['run'] =>
  ({ repeat, send, newAddress }) =>
    repeat(1 / burstSeconds, () => {
      for (let count = 0; count < burst; count++) void send({ ...request, from: newAddress() });
    });

/** Opens 20 connections that send a start, and then bytes without end that belong to no request and no body. */
const flood =
  (start: string, filler: string): Attack['run'] =>
  async ({ open, repeat, signal }) => {
    const bytes = Buffer.from(filler.repeat(32 * kilobyte));
    for (let at = 0; at < 20; at++) {
      const socket = open(Buffer.from(start)).resume();
      const write = () => {
        if (!socket.destroyed && !signal.aborted) socket.write(bytes, () => setImmediate(write));
      };
      write();
    }
    await repeat(1, () => {});
  };

/** Sends the requests of `burstSeconds` in one write. */
function pipeline(request: Outgoing): Attack['run'] {
  return ({ repeat, open, count }) =>
    repeat(1 / burstSeconds, () => {
      open(repeatBytes(request, burst)).resume();
      count(burst - 1);
    });
}

/**
 * Opens connections with the head of a request, and sends one byte of each body at a time. The first connections are those of half a
 * minute; later ones replace those that the server has closed.
 */
async function drip(
  aim: Aim,
  head: Buffer,
  { connections, bytesPerSecond }: { connections: number; bytesPerSecond: number },
) {
  const sockets = new Set<ReturnType<Aim['open']>>();
  const add = () => {
    const socket = aim.open(head).setNoDelay(true).resume();
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  };
  const sending = setInterval(() => {
    for (const socket of sockets) if (socket.writableLength === 0) socket.write(' ');
  }, 1000 / bytesPerSecond);
  for (let at = 0; at < connections; at++) add();
  await aim.repeat(quickly, () => sockets.size < connections && add());
  clearInterval(sending);
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token of the server's issuer that names a signing key which does not exist, so that its check waits for the keys. */
function toUnknownKey({ token }: Aim): string {
  const { iss } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { iss: string };
  return `${encode({ alg: 'EdDSA', kid: randomUUID() })}.${encode({ iss })}.AAAA`;
}

/** 16 KB of cookies of this server. */
const longCookies = [
  'holdfast.session_token=a.b',
  ...Array.from({ length: 20 }, (_, at) => `holdfast.c${at}=${'%41'.repeat(250)}`),
].join('; ');

/** Attacks on HTTP, and on the routes of the sign-in. */
export const wireAttacks = {
  'marked-urls': {
    title: 'sign-outs with a URL of 7,900 combining marks, 9/s, anonymous',
    run: sendEach(markedSignOut),
  },
  'rare-marked-urls': {
    title: 'the same, 1/s',
    run: sendEach(markedSignOut, 1),
  },
  'session-chunks': {
    title: 'calls with 600 cookies of a session, 9/s, anonymous',
    run: sendEach({ path: '/trpc/user.me', headers: { cookie: sessionChunks } }),
  },
  'broken-cookies': {
    title: 'reads of the session with 2,400 foreign cookies that cannot be decoded, 9/s, anonymous',
    run: sendEach({ path: '/api/auth/get-session', headers: { cookie: brokenCookies } }),
  },
  'many-networks': {
    title: '27 reads of the session at once from 27 addresses, with 16 KB of cookies of this server each, every 3 s',
    run: sendFromAll({ path: '/api/auth/get-session', headers: { cookie: longCookies } }),
  },
  'many-bearers': {
    title: 'the same with a session token of 15,000 bytes',
    run: sendFromAll({ path: '/api/auth/get-session', headers: { authorization: `Bearer ${'é'.repeat(7500)}` } }),
  },
  'line-breaks': {
    title: '20 connections with line breaks after a request, without end',
    run: flood('GET /livez HTTP/1.1\r\nhost: x\r\n\r\n', '\r\n'),
  },
  'endless-heads': {
    title: '20 connections with spaces before the path of a request, without end',
    run: flood('GET ', ' '),
  },
  'broken-cookie-calls': {
    title: 'calls with these cookies, 9/s, anonymous',
    run: sendEach({ path: '/trpc/user.me', headers: { cookie: brokenCookies } }),
  },
  'parallel-sign-outs': {
    title: `${burst} sign-outs with 16 KB of nested JSON at once, every ${burstSeconds} s, anonymous`,
    run: sendAtOnce({ path: '/api/auth/sign-out', body: '['.repeat(7900) + ']'.repeat(7900) }),
  },
  'parallel-tokens': {
    title: `one user: ${burst} \`GET /api/auth/token\` at once, every ${burstSeconds} s`,
    run: sendAtOnce(({ session }) => ({ path: '/api/auth/token', headers: toBearer(session) })),
  },
  'parallel-names': {
    title: `one user: ${burst} changes of the name at once, every ${burstSeconds} s`,
    run: sendAtOnce(({ session }) => ({
      path: '/api/auth/update-user',
      headers: toBearer(session),
      body: JSON.stringify({ name: 'Ada' }),
    })),
  },
  'parallel-metrics': {
    title: `${burst} \`GET /metrics\` at once, every ${burstSeconds} s`,
    run: sendAtOnce({ path: '/metrics' }),
  },
  'dripped-bodies': {
    title: '300 sign-ins whose bodies arrive in 200 packets of one byte per second each, anonymous',
    run: (aim) => {
      const head = toBytes({ path: '/api/auth/sign-in/email', body: ' ', length: 16 * kilobyte });
      return drip(aim, head, { connections: 300, bytesPerSecond: 200 });
    },
  },
  'pipelined-metrics': {
    title: `${burst} \`GET /metrics\` in one write, every ${burstSeconds} s`,
    run: pipeline({ path: '/metrics' }),
  },
  'pipelined-cookies': {
    title: `${burst} calls with 600 cookies of a session in one write, every ${burstSeconds} s, anonymous`,
    run: pipeline({ path: '/trpc/user.me', headers: { cookie: sessionChunks } }),
  },
  'waiting-bodies': {
    title: '490 posts of 1 MB without the last byte at once, with tokens of unknown keys, then 9/s, anonymous',
    async run(aim) {
      const length = 1024 * 1024;
      const body = Buffer.alloc(length - 1, ' ');
      const toPost = () => {
        const headers = { authorization: `Bearer ${toUnknownKey(aim)}` };
        return toBytes({ path: '/trpc/task.createMany', headers, body, length });
      };
      const sockets = times(490, () => aim.open().resume());
      await sleep(300);
      for (const socket of sockets) socket.write(toPost());
      await aim.repeat(quickly, () => aim.open(toPost()).resume());
    },
  },
  // The memory grows until the streams end after 9 minutes.
  'held-responses': {
    title: `one user: 20 streams, each with ${burst} \`GET /metrics\` on the same connection behind it`,
    run: ({ repeat, open, count, signedIn }) =>
      repeat(1 / burstSeconds, () => {
        const socket = open(toBytes({ path: '/trpc/changes.watch', headers: signedIn, body: '{}' })).resume();
        count(burst - 1);
        void sleep(500).then(() => socket.write(repeatBytes({ path: '/metrics' }, burst - 1)));
      }),
  },
} as const satisfies Record<string, Attack>;

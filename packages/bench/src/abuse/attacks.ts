import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { accountAttacks } from './account-attacks.ts';
import { type Aim, type Attack, byNumber, quickly, toBatch, toBytes, toInput } from './aim.ts';
import { dataAttacks } from './data-attacks.ts';
import { liveAttacks } from './live-attacks.ts';
import { wireAttacks } from './wire-attacks.ts';

const megabyte = 1024 * 1024;

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const toList = (limit: number) => `/trpc/task.list?input=${toInput({ limit })}`;

const listsOf200 = toBatch(
  'task.list',
  Array.from({ length: 20 }, () => ({ limit: 200 })),
);

/** The body in chunks of one byte, 6 bytes each on the wire. */
function toTinyChunks(size: number, headers: Record<string, string>): Buffer {
  const head = toBytes({
    method: 'POST',
    path: '/trpc/task.create',
    headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked', ...headers },
  });
  return Buffer.concat([head, Buffer.from('1\r\n \r\n'.repeat(size))]);
}

const toSignIn = ({ email }: Aim) => ({
  path: '/api/auth/sign-in/email',
  body: JSON.stringify({ email, password: `wrong ${randomBytes(8).toString('hex')}` }),
});

/** Each attacker sends fewer than ten requests per second, or has only idle connections. */
export const attacks = {
  none: { title: 'no attack (shows the noise)', run: ({ repeat }) => repeat(1, () => {}) },
  'large-lists': {
    title: '4 connections request batches of 20 lists of 200 large tasks',
    run: ({ send, signedIn, signal }) =>
      Promise.all(
        Array.from({ length: 4 }, async () => {
          while (!signal.aborted) {
            await send({ path: listsOf200, headers: signedIn });
            await sleep(1000, undefined, { signal }).catch(() => {});
          }
        }),
      ),
  },
  'slow-readers': {
    title: '40 connections request large lists and never read',
    run: ({ open, repeat, signedIn }) =>
      repeat(quickly, (at) => at < 40 && open(toBytes({ path: toList(200), headers: signedIn }))),
  },
  'compressed-bodies': {
    title: '1 KB of gzip that inflates to 1 MB, 4/s, anonymous',
    run: ({ send, repeat, newAddress }) => {
      const body = gzipSync('['.repeat(megabyte - 100));
      const paths = ['update-user', 'sign-in/email', 'sign-up/email', 'change-password'];
      return repeat(4, (at) =>
        send({
          path: `/api/auth/${paths[at % paths.length]}`,
          headers: { 'content-encoding': 'gzip' },
          from: newAddress(),
          body,
        }),
      );
    },
  },
  'abandoned-sign-ins': {
    title: '400 sign-ins from 400 addresses that disconnect after 0.8 s',
    async run(aim) {
      for (let at = 0; at < 400; at++) {
        const socket = aim.open(toBytes(toSignIn(aim)), aim.newAddress());
        void sleep(800).then(() => socket.destroy());
      }
      await aim.repeat(1, () => {});
    },
  },
  'wrong-passwords': {
    title: 'sign-ins with wrong passwords from changing addresses, 9/s',
    run: (aim) => aim.repeat(quickly, () => aim.send({ ...toSignIn(aim), from: aim.newAddress() })),
  },
  'unknown-keys': {
    title: '`task.create` with 85,000 unknown keys, 9/s',
    run: ({ send, repeat, signedIn }) => {
      const keys = Array.from({ length: 85_000 }, (_, at) => [`k${at}`, 0]);
      const body = JSON.stringify(Object.fromEntries(keys)).slice(0, megabyte);
      return repeat(quickly, () => send({ path: '/trpc/task.create', headers: signedIn, body }));
    },
  },
  'large-bodies': {
    title: 'JSON bodies of 1 MB, nested, long or wide, 9/s',
    run: ({ send, repeat, signedIn }) => {
      const size = megabyte / 2 - 100;
      const bodies = [
        `{"title":${'['.repeat(size)}${']'.repeat(size)}}`,
        `{"title":"${'x'.repeat(2 * size)}"}`,
        `{"title":"x","description":"${'\\ud800'.repeat(size / 3)}"}`,
        `[${'{},'.repeat((2 * size) / 3)}{}]`,
        `{"title":" ${' '.repeat(2 * size)}x"}`,
      ];
      return repeat(quickly, (at) =>
        send({ path: '/trpc/task.create', headers: signedIn, body: bodies[at % bodies.length]! }),
      );
    },
  },
  'endless-bodies': {
    title: '300 anonymous posts of 1 MB without the last byte',
    async run({ open, repeat, newAddress }) {
      const body = ' '.repeat(megabyte - 1);
      await repeat(60, (at) => {
        if (at < 300) open(toBytes({ path: '/trpc/task.create', body, length: megabyte }), newAddress());
      });
    },
  },
  'held-bodies': {
    title: '9 users: 60 posts of 1 MB each without the last byte',
    async run({ open, repeat, tokens }) {
      const body = ' '.repeat(megabyte - 1);
      await repeat(120, (at) => {
        const headers = { authorization: `Bearer ${tokens[at % tokens.length]}` };
        if (at < 540) open(toBytes({ path: '/trpc/task.create', headers, body, length: megabyte }));
      });
    },
  },
  'tiny-chunks': {
    title: 'posts of 500,000 chunks of one byte, 2/s, half of them anonymous',
    run: ({ open, repeat, signedIn }) => {
      const anonymous = toTinyChunks(500_000, {});
      const known = toTinyChunks(500_000, signedIn);
      return repeat(2, (at) => open(at % 2 === 0 ? anonymous : known).resume());
    },
  },
  'refused-bodies': {
    title: 'posts of 12 MB in chunks of one byte without a token, 4/s',
    run: ({ open, repeat }) => {
      const refused = toTinyChunks(2_000_000, {});
      return repeat(4, () => open(refused).resume());
    },
  },
  probes: {
    title: '`/metrics` and `/readyz`, 9/s',
    run: ({ send, repeat }) => repeat(quickly, (at) => send({ path: at % 2 === 0 ? '/metrics' : '/readyz' })),
  },
  'idle-connections': {
    title: '2,000 connections that send nothing',
    run: ({ open, repeat }) => repeat(500, (at) => at < 2_000 && open()),
  },
  'slow-headers': {
    title: '500 connections that send one header line per second',
    async run({ open, repeat }) {
      const sockets = Array.from({ length: 500 }, () => open('GET /livez HTTP/1.1\r\nhost: x\r\n'));
      await repeat(1, (at) => {
        for (const socket of sockets) socket.write(`x-${at}: x\r\n`);
      });
    },
  },
  'parallel-lists': {
    title: 'one user: 9 batches of 20 lists at once, each second',
    run: ({ send, repeat, signedIn }) => {
      const path = toBatch(
        'task.list',
        Array.from({ length: 20 }, (_, at) => ({ limit: 1 + at })),
      );
      return repeat(1, () => {
        for (let at = 0; at < quickly; at++) void send({ path, headers: signedIn });
      });
    },
  },
  'parallel-updates': {
    title: 'one user: 9 batches of 20 updates of one task at once, each second',
    run: ({ send, repeat, signedIn, taskId }) =>
      repeat(1, () => {
        for (let at = 0; at < quickly; at++) {
          const title = (call: number) => `Update ${at} ${call} ${randomBytes(4).toString('hex')}`;
          const inputs = Array.from({ length: 20 }, (_, call) => ({ id: taskId, title: title(call) }));
          const path = `/trpc/${inputs.map(() => 'task.update').join(',')}?batch=1`;
          void send({ path, headers: signedIn, body: JSON.stringify(byNumber(inputs)) });
        }
      }),
  },
  'unknown-tokens': {
    title: 'tokens with unknown keys, sessions and signatures, 9/s, anonymous',
    run: ({ send, repeat, newAddress, token }) => {
      const make = [
        () => `${encode({ alg: 'EdDSA', kid: randomBytes(8).toString('hex') })}.${encode({ sub: 'x' })}.AAAA`,
        () => randomBytes(24).toString('base64url'),
        () => `${token.slice(0, -86)}${randomBytes(64).toString('base64url')}`,
        () => 'x'.repeat(15_000),
      ];
      return repeat(quickly, (at) =>
        send({
          path: '/trpc/user.me',
          headers: { authorization: `Bearer ${make[at % make.length]!()}` },
          from: newAddress(),
        }),
      );
    },
  },
  ...wireAttacks,
  ...liveAttacks,
  ...dataAttacks,
  ...accountAttacks,
} as const satisfies Record<string, Attack>;

export type AttackName = keyof typeof attacks;

export const attackNames = Object.keys(attacks) as AttackName[];

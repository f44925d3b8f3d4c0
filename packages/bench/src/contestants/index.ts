import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Contestant } from './contestant.ts';

export const holdfast: Contestant = {
  name: 'holdfast',
  title: 'Holdfast',
  dialect: 'trpc',
  main: new URL('../../../../apps/server/src/main.ts', import.meta.url),
  flags: ['--max-semi-space-size=8', '--heap-growing-percent=40', '--v8-pool-size=1'],
  login: 'ownerUrl',
  env: {
    AUTH_SECRET: randomBytes(32).toString('hex'),
    DATABASE_POOL_MAX: '10',
    // A few users send thousands of calls per second. The rate limiter must count every call and refuse no call.
    RATE_LIMIT_PER_MINUTE: '100000000',
  },
  folder: null,
  notes: {
    isolation: 'owner filter in every statement, and forced row-level security with role and user set per transaction',
    validation: 'zod for input and output; constraints in the database',
    batching: 'tRPC batches',
    tokens: 'a verified token is cached for one minute',
    setup:
      'The server as released, with NODE_ENV=production: the Node flags of its start script, its patch of tRPC’s procedure steps (the peers run tRPC without the patch), request log to a file, helmet, optimistic locking, sealed cursors, idempotent creates.',
  },
};

/** The server of another checkout, with the flags, settings and login of this one. */
export function createHoldfastFromCheckout(folder: string, commit: string): Contestant {
  return {
    ...holdfast,
    name: 'holdfast-before',
    title: `Holdfast at ${commit}`,
    main: pathToFileURL(join(folder, 'apps/server/src/main.ts')),
  };
}

export const createHoldfastWithWorkers = (workers: number): Contestant => ({
  ...holdfast,
  name: `holdfast-${workers}`,
  title: `Holdfast, WORKERS=${workers}`,
  env: { ...holdfast.env, WORKERS: String(workers) },
});

export const baseline: Contestant = {
  name: 'baseline',
  title: 'baseline',
  dialect: 'trpc',
  main: new URL('../baseline/main.ts', import.meta.url),
  flags: [],
  login: 'bypassUrl',
  env: {},
  folder: null,
  notes: {
    isolation: 'owner filter in every statement, no row-level security',
    validation: 'no validation',
    batching: 'a special route for ten gets, which reads all of them with one statement',
    tokens: 'verified on every request',
    setup:
      'The minimum: node:http, pg with named statements, the token check, JSON.stringify. It is not a product. It shows the cost of the layers that the other contestants add.',
  },
};

const baselineWithTokenCache: Contestant = {
  ...baseline,
  name: 'baseline-token-cache',
  title: 'baseline with token cache',
  env: { CACHE_TOKENS: 'yes' },
  notes: {
    ...baseline.notes,
    tokens: holdfast.notes.tokens,
    setup:
      'The baseline with a token cache like Holdfast’s. The benchmark has few users who call often, so nearly every token is in the cache and its signature is not verified again.',
  },
};

const drizzle: Contestant = {
  name: 'drizzle',
  title: 'tRPC + Drizzle',
  dialect: 'superjson',
  main: new URL('../../peers/drizzle/main.ts', import.meta.url),
  flags: [],
  login: 'bypassUrl',
  env: {},
  folder: new URL('../../peers/drizzle/', import.meta.url),
  notes: {
    isolation: 'owner filter in every statement, no row-level security',
    validation: 'zod for input',
    batching: 'tRPC batches; each call of a batch sends one statement, in parallel over the pool',
    tokens: 'verified on every request',
    setup:
      'The structure of create-t3-turbo (protectedProcedure, superjson, a query built per call), on tRPC’s standalone adapter. No request log.',
  },
};

const drizzlePrepared: Contestant = {
  ...drizzle,
  name: 'drizzle-prepared',
  title: 'tRPC + Drizzle, prepared',
  env: { PREPARED: 'yes' },
  notes: {
    ...drizzle.notes,
    setup:
      'The same, with named prepared statements for list, get and create, as Drizzle’s performance page recommends. The client selects the fields of an update, so one prepared statement cannot serve it.',
  },
};

const prisma: Contestant = {
  name: 'prisma',
  title: 'tRPC + Prisma 7',
  dialect: 'superjson',
  main: new URL('../../peers/prisma/main.ts', import.meta.url),
  flags: [],
  login: 'bypassUrl',
  env: {},
  folder: new URL('../../peers/prisma/', import.meta.url),
  generate: { script: 'prisma/build/index.js', args: ['generate', '--no-hints'], makes: 'generated/client.ts' },
  notes: {
    isolation: 'owner filter in every query, no row-level security',
    validation: 'zod for input',
    batching: 'tRPC batches; Prisma joins the findUnique calls of one tick into one statement',
    tokens: 'verified on every request',
    setup:
      'The same routes with Prisma’s TypeScript client and @prisma/adapter-pg, set up as Prisma’s PostgreSQL page recommends. No request log.',
  },
};

const prismaPrepared: Contestant = {
  ...prisma,
  name: 'prisma-prepared',
  title: 'tRPC + Prisma 7, prepared',
  env: { PREPARED: 'yes' },
  notes: {
    ...prisma.notes,
    setup: 'The same, with the adapter’s statementNameGenerator, so that PostgreSQL reuses the plans.',
  },
};

const postgraphile: Contestant = {
  name: 'postgraphile',
  title: 'PostGraphile 5',
  dialect: 'graphql',
  main: new URL('../../peers/postgraphile/main.ts', import.meta.url),
  flags: [],
  login: 'switchUrl',
  env: { GRAPHILE_ENV: 'production' },
  folder: new URL('../../peers/postgraphile/', import.meta.url),
  notes: {
    isolation: 'row-level security with role and user set per request through pgSettings',
    validation: 'GraphQL’s types; constraints in the database',
    batching: 'ten fields of one query in one plan',
    tokens: 'verified on every request',
    setup:
      'The Amber preset on grafserv for Node, with named statements (its default). Clients can select fields and nested objects in one request, which the other contestants do not offer. The client sends versions, update times and IDs. No request log.',
  },
};

/** The baseline is first: all ratios are relative to it. */
export const contestants: readonly Contestant[] = [
  baseline,
  baselineWithTokenCache,
  holdfast,
  drizzle,
  drizzlePrepared,
  prisma,
  prismaPrepared,
  postgraphile,
];

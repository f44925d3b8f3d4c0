import { randomBytes } from 'node:crypto';
import type { Contestant } from './contestant.ts';

export const holdfast: Contestant = {
  name: 'holdfast',
  title: 'Holdfast',
  dialect: 'trpc',
  main: new URL('../../../../apps/server/src/main.ts', import.meta.url),
  flags: ['--max-semi-space-size=8', '--heap-growing-percent=40'],
  login: 'ownerUrl',
  env: {
    AUTH_SECRET: randomBytes(32).toString('hex'),
    DATABASE_POOL_MAX: '10',
    // A few users make thousands of calls a second here: all are counted, and none is refused.
    RATE_LIMIT_PER_MINUTE: '100000000',
  },
  folder: null,
  words: {
    isolation: 'an owner in every statement, and forced row level security with role and user set per transaction',
    validation: 'zod on what comes in and on what goes out; constraints in the database',
    batching: 'tRPC batches',
    tokens: 'a verified one is taken at its word for a minute',
    setup:
      'The server as it ships with NODE_ENV=production: the node flags of its start script, its patch of tRPC’s steps (the peers run tRPC as it comes), request log (to a file), helmet, optimistic versions, sealed cursors, idempotent creates.',
  },
};

export const floor: Contestant = {
  name: 'floor',
  title: 'floor',
  dialect: 'trpc',
  main: new URL('../floor/main.ts', import.meta.url),
  flags: [],
  login: 'bypassUrl',
  env: {},
  folder: null,
  words: {
    isolation: 'an owner in every statement; nothing behind it',
    validation: 'none',
    batching: 'a route made for ten gets, which asks for all of them in one statement',
    tokens: 'verified with every request',
    setup:
      'What is left when everything is left out: node:http, pg with named statements, the token check, JSON.stringify. It is no product, but the measure of what the layers above it cost.',
  },
};

const floorRemembering: Contestant = {
  ...floor,
  name: 'floor-remembering',
  title: 'floor, tokens remembered',
  env: { REMEMBER_TOKENS: 'yes' },
  words: {
    ...floor.words,
    tokens: holdfast.words.tokens,
    setup:
      'The floor without the check of signatures that Holdfast is spared here: with few users who call often, nearly every token is a known one.',
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
  words: {
    isolation: 'an owner in every statement; nothing behind it',
    validation: 'zod on what comes in',
    batching: 'tRPC batches; each call of a batch is a statement of its own, at once over the pool',
    tokens: 'verified with every request',
    setup:
      'As create-t3-turbo lays it out (protectedProcedure, superjson, queries built where they are asked), on tRPC’s standalone adapter. No request log.',
  },
};

const drizzlePrepared: Contestant = {
  ...drizzle,
  name: 'drizzle-prepared',
  title: 'tRPC + Drizzle, prepared',
  env: { PREPARED: 'yes' },
  words: {
    ...drizzle.words,
    setup:
      'The same, with the list, the get and the create prepared by name, as Drizzle’s page on performance advises. The fields of an update are the client’s choice, which no one statement serves.',
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
  words: {
    isolation: 'an owner in every query; nothing behind it',
    validation: 'zod on what comes in',
    batching: 'tRPC batches; Prisma gathers the findUnique calls of one tick into one statement',
    tokens: 'verified with every request',
    setup:
      'The same routes over Prisma’s TypeScript client with @prisma/adapter-pg as its page on PostgreSQL sets it up. No request log.',
  },
};

const prismaPrepared: Contestant = {
  ...prisma,
  name: 'prisma-prepared',
  title: 'tRPC + Prisma 7, prepared',
  env: { PREPARED: 'yes' },
  words: {
    ...prisma.words,
    setup: 'The same, with the adapter’s statementNameGenerator, so that PostgreSQL keeps the plans.',
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
  words: {
    isolation: 'row level security with role and user set per request through pgSettings',
    validation: 'GraphQL’s types; constraints in the database',
    batching: 'ten fields of one query, planned together',
    tokens: 'verified with every request',
    setup:
      'The Amber preset on grafserv for Node, named statements on (its default). Clients choose their fields and whole graphs in one request, which none of the others offers; versions, times of change and ids are the client’s to send. No request log.',
  },
};

/** The floor first: every ratio is to it. */
export const contestants: readonly Contestant[] = [
  floor,
  floorRemembering,
  holdfast,
  drizzle,
  drizzlePrepared,
  prisma,
  prismaPrepared,
  postgraphile,
];

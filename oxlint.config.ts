import { defineConfig } from 'oxlint';

/** Each outside technology is known in one room only; nothing imports to the left of client → server → api → db. */
const rooms = {
  database: {
    group: ['@mikro-orm/*', 'kysely', 'pg', 'pg-*'],
    message: 'Only packages/db knows the database; add an operation there and import it from @holdfast/db.',
  },
  procedures: {
    group: ['@trpc/server', '@trpc/server/*', '!@trpc/server/adapters/*', '@holdfast/api'],
    message: 'packages/db serves tools as well as the API and knows neither tRPC nor its schemas.',
  },
  hosting: {
    group: ['express', 'better-auth', 'better-auth/*', 'jose', 'pino', 'helmet', 'cors', '@holdfast/server'],
    message: 'HTTP, tokens and logs belong to apps/server; hand in what is needed through the context.',
  },
  serving: {
    group: [
      '@holdfast/db',
      '@holdfast/db/*',
      '@holdfast/server',
      '@holdfast/trpc-express',
      '@trpc/server',
      '@trpc/server/*',
      '!@trpc/server/observable',
      'zod',
      'node:*',
      'node:*/*',
    ],
    message: 'A client app runs anywhere and holds nothing of the server.',
  },
  // No other pattern may except this name with `!`: the exception would hold here as well.
  schemas: {
    group: ['@holdfast/api'],
    message: 'A client knows the API by its types only: `import type`.',
    allowTypeImports: true,
  },
  // Types included: what a client app knows comes through the client.
  client: {
    group: ['@holdfast/*', '!@holdfast/client'],
    message: 'apps/cli is a client app as any other: it knows @holdfast/client and nothing else of Holdfast.',
  },
  insides: {
    group: ['@holdfast/*/src/*', '../../*/src/*', '../../../packages/*'],
    message: 'A package is used through its door, by its name.',
  },
  embedded: {
    group: ['@holdfast/*', '@mikro-orm/*', 'kysely', 'express', '@trpc/*'],
    message: 'The embedded PostgreSQL knows node-postgres and nothing of Holdfast.',
  },
  operation: { group: ['*', '!node:*', '!./*'], message: 'packages/operation depends on Node only.' },
};

interface Pattern {
  group?: string[];
  regex?: string;
  message: string;
  allowTypeImports?: boolean;
}

const closed = (...patterns: Pattern[]) => ({
  'no-restricted-imports': ['error', { patterns }] as ['error', object],
});

/** The folders and files of `src`, from the lowest layer to the highest. */
const layers = {
  db: [
    ['errors.ts', 'installed.ts', 'files'],
    ['connection'],
    ['schema', 'stores', 'scratch'],
    ['scope', 'backup'],
    ['tasks', 'database.ts', 'testing'],
    ['status', 'index.ts'],
    ['cli'],
  ],
  server: [
    ['start-error.ts', 'request'],
    ['telemetry'],
    ['rate-limit.ts'],
    ['auth'],
    ['http'],
    ['env.ts', 'launcher.ts', 'library-env.ts', 'secret.ts', 'shutdown.ts'],
    ['serve.ts', 'welcome.ts'],
    ['main.ts'],
  ],
};

/** A folder imports only from lower layers; the package's own rules hold in each. */
function inLayers(src: string, order: string[][], ...patterns: Pattern[]) {
  return order.flatMap((names, at) =>
    names.map((name) => {
      const closedNames = order
        .slice(at)
        .flat()
        .filter((other) => other !== name)
        .map((other) => other.replace('.', String.raw`\.`));
      const upward = {
        regex: String.raw`^\.{1,2}/(?:\.\./)*(?:${closedNames.join('|')})(?:/|$)`,
        message: `${name} imports only from lower layers; the order is in oxlint.config.ts.`,
      };
      const files = name.endsWith('.ts') ? `${src}/${name}` : `${src}/${name}/**`;
      return { files: [files], rules: closed(...patterns, upward) };
    }),
  );
}

export default defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'node', 'vitest'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  env: { node: true, es2024: true },
  rules: {
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'import/no-default-export': 'error',
    'no-console': 'error',
    'no-await-in-loop': 'off',
    'no-shadow': 'off',
    'no-underscore-dangle': 'off',
    'typescript/consistent-type-imports': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/no-unsafe-type-assertion': 'off',
    'typescript/strict-void-return': 'off',
    // Kysely's builders are meant to be taken apart.
    'typescript/unbound-method': 'off',
    'unicorn/filename-case': ['error', { case: 'kebabCase' }],
    'unicorn/no-array-sort': 'off',
    'vitest/no-conditional-expect': 'off',
    'vitest/valid-expect': ['error', { maxArgs: 2 }],
  },
  overrides: [
    ...inLayers('packages/db/src', layers.db, rooms.procedures, rooms.hosting, rooms.insides),
    { files: ['packages/operation/src/**'], rules: closed(rooms.operation) },
    { files: ['packages/embedded-postgres/src/**'], rules: closed(rooms.embedded) },
    { files: ['packages/api/src/**'], rules: closed(rooms.database, rooms.hosting, rooms.insides) },
    {
      files: ['packages/client/src/**'],
      rules: {
        ...closed(rooms.database, rooms.hosting, rooms.serving, rooms.schemas, rooms.insides),
        // Only what browsers have as well.
        'no-restricted-globals': ['error', 'process', 'Buffer', 'global', 'setImmediate'],
      },
    },
    { files: ['apps/server/src/**', 'packages/trpc-express/src/**'], rules: closed(rooms.database, rooms.insides) },
    ...inLayers('apps/server/src', layers.server, rooms.database, rooms.insides),
    {
      files: ['apps/cli/src/**'],
      rules: closed(rooms.database, rooms.hosting, rooms.client, rooms.insides),
    },
    { files: ['**/*.config.ts'], rules: { 'import/no-default-export': 'off' } },
    {
      files: ['packages/db/src/cli/**', '**/main.ts', '**/test/**', '**/examples/**', '**/vitest.config.ts'],
      rules: { 'no-console': 'off' },
    },
  ],
});

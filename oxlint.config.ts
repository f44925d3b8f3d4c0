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
};

const closed = (...patterns: { group: string[]; message: string; allowTypeImports?: boolean }[]) => ({
  'no-restricted-imports': ['error', { patterns }] as ['error', object],
});

export default defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'node', 'vitest'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  env: { node: true, es2024: true },
  rules: {
    'import/no-cycle': 'error',
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
    { files: ['packages/db/src/**'], rules: closed(rooms.procedures, rooms.hosting, rooms.insides) },
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
    {
      files: ['apps/cli/src/**'],
      rules: closed(rooms.database, rooms.hosting, rooms.client, rooms.insides),
    },
    { files: ['**/*.config.ts'], rules: { 'import/no-default-export': 'off' } },
    {
      files: ['**/cli.ts', '**/main.ts', '**/test/**', '**/examples/**', '**/vitest.config.ts'],
      rules: { 'no-console': 'off' },
    },
  ],
});

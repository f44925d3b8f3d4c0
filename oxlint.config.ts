import { defineConfig } from 'oxlint';

/** Restrictions on imports. They keep each library in one package, and the direction client → server → api → db. */
const restrictions = {
  database: {
    group: ['@mikro-orm/*', 'kysely', 'pg', 'pg-*'],
    message: 'Only packages/db may import database libraries. Add an operation there and import it from @holdfast/db.',
  },
  procedures: {
    group: ['@trpc/server', '@trpc/server/*', '!@trpc/server/adapters/*', '@holdfast/api'],
    message: 'Only packages/api and its users may import tRPC and its schemas. packages/db is also used without them.',
  },
  hosting: {
    group: ['express', 'better-auth', 'better-auth/*', 'jose', 'pino', 'helmet', 'cors', '@holdfast/server'],
    message: 'Only apps/server may import libraries for HTTP, tokens and logs. Pass values through the context.',
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
    message: 'A client app must run everywhere. It may not import server code, zod or Node.js modules.',
  },
  // No other pattern may exclude this name with `!`: the exclusion would also apply here.
  schemas: {
    group: ['@holdfast/api'],
    message: 'The client may import only types from @holdfast/api. Use `import type`.',
    allowTypeImports: true,
  },
  // Also types: a client app imports them from the client.
  client: {
    group: [
      '@holdfast/*',
      '!@holdfast/client',
      '!@holdfast/imports',
      '!@holdfast/mcp',
      '!@holdfast/task-values',
      '!@holdfast/quick-add',
    ],
    message:
      'apps/cli is a client app. Of Holdfast, it may import only client, imports, mcp, quick-add and task-values.',
  },
  tools: {
    group: ['@holdfast/*', '!@holdfast/api', '@trpc/*'],
    message: 'packages/mcp calls procedures through the functions that it gets. It may import only types of the API.',
  },
  webApp: {
    group: ['@holdfast/*', '!@holdfast/client', '!@holdfast/task-values', '!@holdfast/quick-add'],
    message: 'apps/web is a client app. Of Holdfast, it may import only the client, task-values and quick-add.',
  },
  internals: {
    group: ['@holdfast/*/src/*', '../../*/src/*', '../../../packages/*'],
    message: 'Do not import files of another package. Import its entry point by the name of the package.',
  },
  embedded: {
    group: ['@holdfast/*', '@mikro-orm/*', 'kysely', 'express', '@trpc/*'],
    message: 'packages/embedded-postgres may import only pg and Node.js modules.',
  },
  operation: { group: ['*', '!node:*', '!./*'], message: 'packages/operation may import only Node.js modules.' },
  taskValues: {
    group: ['*', '!fractional-indexing', '!./*'],
    message: 'packages/task-values also runs in browsers. It may import only fractional-indexing.',
  },
  quickAdd: {
    group: ['*', '!@holdfast/task-values', '!./*'],
    message: 'packages/quick-add also runs in browsers. It may import only @holdfast/task-values.',
  },
  imports: {
    group: [
      '*',
      '!@holdfast/quick-add',
      '!@holdfast/quick-add/dates',
      '!@holdfast/task-values',
      '!csv-parse/browser/**',
      '!uuid',
      '!./*',
    ],
    message: 'packages/imports also runs in browsers. It may import only quick-add, task-values, csv-parse and uuid.',
  },
  quickAddDates: {
    group: ['*', '!@holdfast/task-values', '!chrono-node/en', '!./*'],
    message: 'The dates of packages/quick-add may import only @holdfast/task-values and chrono-node/en.',
  },
};

/** Globals that browsers do not have. */
const nodeGlobals = ['process', 'Buffer', 'global', 'setImmediate'];

interface Pattern {
  group?: string[];
  regex?: string;
  message: string;
  allowTypeImports?: boolean;
}

const restrictImports = (...patterns: Pattern[]) => ({
  'no-restricted-imports': ['error', { patterns }] as ['error', object],
});

/** The folders and files of `src`, from the lowest layer to the highest. */
const layers = {
  db: [
    ['errors.ts', 'installed.ts', 'files'],
    ['connection'],
    ['schema', 'stores', 'scratch'],
    ['scope', 'backup'],
    ['records', 'writes'],
    ['labels', 'lists', 'users'],
    ['tasks', 'database.ts', 'testing'],
    ['calendar', 'changes', 'maintenance', 'trash'],
    ['user-data'],
    ['accounts', 'status', 'index.ts'],
    ['cli'],
  ],
  server: [
    ['start-error.ts', 'env-formats.ts', 'peers', 'request'],
    ['telemetry'],
    ['env-tracing.ts', 'rate-limit.ts', 'mail'],
    ['auth'],
    ['calendar', 'live', 'rest', 'web'],
    ['mcp'],
    ['http'],
    ['env.ts', 'launcher.ts', 'library-env.ts', 'maintenance.ts', 'secret.ts', 'shutdown.ts'],
    ['serve.ts', 'welcome.ts'],
    ['workers'],
    ['main.ts'],
  ],
};

/** A folder imports only from lower layers. The restrictions of the package apply to each folder. */
function inLayers(src: string, order: string[][], ...patterns: Pattern[]) {
  return order.flatMap((names, at) =>
    names.map((name) => {
      const higherNames = order
        .slice(at)
        .flat()
        .filter((other) => other !== name)
        .map((other) => other.replace('.', String.raw`\.`));
      const upward = {
        regex: String.raw`^\.{1,2}/(?:\.\./)*(?:${higherNames.join('|')})(?:/|$)`,
        message: `${name} imports only from lower layers; the order is in oxlint.config.ts.`,
      };
      const files = name.endsWith('.ts') ? `${src}/${name}` : `${src}/${name}/**`;
      return { files: [files], rules: restrictImports(...patterns, upward) };
    }),
  );
}

const plugins = ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'node', 'vitest'] as const;

export default defineConfig({
  plugins: [...plugins],
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
    // Kysely's builders can be destructured.
    'typescript/unbound-method': 'off',
    'unicorn/filename-case': ['error', { case: 'kebabCase' }],
    'unicorn/no-array-sort': 'off',
    'vitest/expect-expect': ['error', { assertFunctionNames: ['expect', 'expect*'] }],
    'vitest/no-conditional-expect': 'off',
    'vitest/valid-expect': ['error', { maxArgs: 2 }],
  },
  overrides: [
    ...inLayers('packages/db/src', layers.db, restrictions.procedures, restrictions.hosting, restrictions.internals),
    { files: ['packages/operation/src/**'], rules: restrictImports(restrictions.operation) },
    {
      files: ['packages/task-values/src/**'],
      rules: { ...restrictImports(restrictions.taskValues), 'no-restricted-globals': ['error', ...nodeGlobals] },
    },
    {
      files: ['packages/quick-add/src/**'],
      rules: {
        ...restrictImports(restrictions.quickAdd, {
          regex: String.raw`^\./(?:dates|english)\.ts$`,
          message: 'The parser of dates is large. Apps load it when they need it.',
        }),
        'no-restricted-globals': ['error', ...nodeGlobals],
      },
    },
    {
      files: ['packages/quick-add/src/{dates,english}.ts'],
      rules: restrictImports(restrictions.quickAddDates),
    },
    {
      files: ['packages/imports/src/**'],
      rules: { ...restrictImports(restrictions.imports), 'no-restricted-globals': ['error', ...nodeGlobals] },
    },
    { files: ['packages/embedded-postgres/src/**'], rules: restrictImports(restrictions.embedded) },
    {
      files: ['packages/api/src/**'],
      rules: restrictImports(restrictions.database, restrictions.hosting, restrictions.internals),
    },
    {
      files: ['packages/mcp/src/**'],
      rules: restrictImports(
        restrictions.database,
        restrictions.hosting,
        restrictions.schemas,
        restrictions.tools,
        restrictions.internals,
      ),
    },
    {
      files: ['packages/client/src/**'],
      rules: {
        ...restrictImports(
          restrictions.database,
          restrictions.hosting,
          restrictions.serving,
          restrictions.schemas,
          restrictions.internals,
        ),
        'no-restricted-globals': ['error', ...nodeGlobals],
      },
    },
    {
      files: ['apps/server/src/**', 'packages/trpc-express/src/**'],
      rules: restrictImports(restrictions.database, restrictions.internals),
    },
    ...inLayers('apps/server/src', layers.server, restrictions.database, restrictions.internals),
    {
      files: ['apps/cli/src/**'],
      rules: restrictImports(restrictions.database, restrictions.hosting, restrictions.client, restrictions.internals),
    },
    {
      files: ['apps/web/src/**'],
      plugins: [...plugins, 'react', 'jsx-a11y'],
      env: { browser: true, node: false },
      rules: {
        ...restrictImports(
          restrictions.database,
          restrictions.hosting,
          restrictions.serving,
          restrictions.webApp,
          restrictions.internals,
        ),
        'no-restricted-globals': ['error', ...nodeGlobals],
        'import/no-unassigned-import': ['error', { allow: ['**/*.css'] }],
        // The compiler adds the import.
        'react/react-in-jsx-scope': 'off',
        'react/rules-of-hooks': 'error',
        'react/no-danger': 'error',
      },
    },
    { files: ['**/*.config.ts'], rules: { 'import/no-default-export': 'off' } },
    {
      files: ['packages/db/src/cli/**', '**/main.ts', '**/test/**', '**/examples/**', '**/vitest.config.ts'],
      rules: { 'no-console': 'off' },
    },
  ],
});

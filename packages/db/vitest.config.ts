import { configDefaults, defineConfig } from 'vitest/config';
import { findPgBouncer } from './src/testing/index.ts';

const hasPgBouncer = findPgBouncer() !== undefined;
if (!hasPgBouncer) console.warn('Skipped: test/pooler.test.ts, for pgbouncer is not installed here.');

export default defineConfig({
  test: {
    globalSetup: ['./src/testing/index.ts'],
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(hasPgBouncer ? [] : ['test/pooler.test.ts'])],
    restoreMocks: true,
    testTimeout: 300_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
});

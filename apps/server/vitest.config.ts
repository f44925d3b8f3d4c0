import { fileURLToPath } from 'node:url';
import { findPgBouncer } from '@holdfast/db/testing';
import { configDefaults, defineConfig } from 'vitest/config';

const hasPgBouncer = findPgBouncer() !== undefined;
if (!hasPgBouncer) console.warn('Skipped: test/pooler.test.ts, for pgbouncer is not installed here.');

export default defineConfig({
  test: {
    globalSetup: [fileURLToPath(import.meta.resolve('@holdfast/db/testing'))],
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(hasPgBouncer ? [] : ['test/pooler.test.ts'])],
    restoreMocks: true,
    testTimeout: 300_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
});

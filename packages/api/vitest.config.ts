import { findCitus, findPgBouncer } from '@holdfast/db/testing';
import { defineConfig } from 'vitest/config';

const toProject = (name: string, globalSetup: string) => ({ extends: true as const, test: { name, globalSetup } });
const direct = toProject('direct', './test/global-setup.ts');
const pooled = toProject('pooled', './test/pooled-setup.ts');

const citus = toProject('citus', './test/citus-setup.ts');
const hostile = toProject('unusual settings', './test/hostile-setup.ts');

const hasCitus = findCitus() !== undefined;
if (!hasCitus) console.warn('Skipped: the suite on a Citus cluster, for TEST_CITUS_URL names no coordinator.');
const hasPgBouncer = findPgBouncer() !== undefined;
if (!hasPgBouncer) console.warn('Skipped: the suite through PgBouncer, for pgbouncer is not installed here.');

export default defineConfig({
  test: {
    // Every test runs directly, with unusual defaults of the database, and through a pooler in transaction mode.
    projects: [direct, hostile, ...(hasPgBouncer ? [pooled] : []), ...(hasCitus ? [citus] : [])],
    include: ['test/**/*.test.ts'],
    // Files share the modules of their worker, which takes half the time. Each file opens its own database.
    isolate: false,
    restoreMocks: true,
    testTimeout: 300_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
});

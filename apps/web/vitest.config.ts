import { fileURLToPath } from 'node:url';
import { findBrowser } from '@holdfast/db/testing';
import { configDefaults, defineConfig } from 'vitest/config';

const hasBrowser = findBrowser() !== undefined;
if (!hasBrowser) console.warn('Skipped: the tests in a browser, because Chromium is not installed.');

const node = {
  extends: true as const,
  test: { name: 'node', include: ['test/**/*.test.ts'], exclude: [...configDefaults.exclude, 'test/browser/**'] },
};
const browser = { extends: true as const, test: { name: 'browser', include: ['test/browser/**/*.test.ts'] } };

export default defineConfig({
  test: {
    projects: hasBrowser ? [node, browser] : [node],
    globalSetup: ['test/build-app.ts', fileURLToPath(import.meta.resolve('@holdfast/db/testing'))],
    restoreMocks: true,
    testTimeout: 300_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
});

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    restoreMocks: true,
    testTimeout: 300_000,
    hookTimeout: 120_000,
    // For the client's subscriptions.
    execArgv: ['--experimental-eventsource', '--disable-warning=UNDICI-ES'],
  },
});

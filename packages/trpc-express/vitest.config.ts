import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    restoreMocks: true,
    testTimeout: 30_000,
    // For the client's subscriptions.
    execArgv: ['--experimental-eventsource', '--disable-warning=UNDICI-ES'],
  },
});

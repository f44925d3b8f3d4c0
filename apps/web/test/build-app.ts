import { buildWebApp } from '@holdfast/server/src/web/build.ts';

/** Builds the app as `pnpm start` does. Under turbo, the test depends on the build. */
export async function setup(): Promise<void> {
  if (process.env['TURBO_HASH'] === undefined) await buildWebApp(new AbortController().signal);
}

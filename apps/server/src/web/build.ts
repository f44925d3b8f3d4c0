import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const checkout = new URL('../../../../', import.meta.url);

/**
 * Builds the web app in this checkout. turbo restores an earlier build of the same sources. If the build fails, prints the
 * reason and continues, because the API works without the app.
 */
export async function buildWebApp(signal: AbortSignal, root = checkout): Promise<void> {
  try {
    const turbo = createRequire(new URL('package.json', root)).resolve('turbo/bin/turbo');
    const child = spawn(
      process.execPath,
      [turbo, 'run', 'build', '--filter=@holdfast/web', '--output-logs=errors-only'],
      {
        cwd: fileURLToPath(root),
        env: { ...process.env, TURBO_NO_UPDATE_NOTIFIER: '1', TURBO_TELEMETRY_DISABLED: '1' },
        stdio: ['ignore', 'pipe', 'pipe'],
        signal,
      },
    );
    const output = Promise.all([text(child.stdout), text(child.stderr)]);
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0 && !signal.aborted) report((await output).join(''));
  } catch (error) {
    if (!signal.aborted) report(String(error));
  }
}

function report(reason: string): void {
  process.stderr.write(
    `${reason}\nThe web app could not be built. The server starts with the previous build, or with the API only.\n`,
  );
}

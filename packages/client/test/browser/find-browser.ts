import { spawnSync } from 'node:child_process';

/**
 * Finds Chromium: `TEST_BROWSER` if it is set (and then the program must work), else a program on the path. Returns
 * undefined if there is no such program.
 */
export function findBrowser(): string | undefined {
  const configured = process.env['TEST_BROWSER'];
  if (configured) return configured;
  return ['chromium', 'chromium-browser', 'google-chrome'].find(
    (program) => spawnSync(program, ['--version']).status === 0,
  );
}

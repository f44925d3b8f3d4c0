import { spawnSync } from 'node:child_process';

/**
 * Finds the path of Chromium: `TEST_BROWSER` if it is set (and then the program must work), else a program on the path.
 * Returns undefined if there is no such program.
 */
export function findBrowser(): string | undefined {
  const configured = process.env['TEST_BROWSER'];
  if (configured) return findPath(configured) ?? configured;
  return ['chromium', 'chromium-browser', 'google-chrome'].map(findPath).find((path) => path !== undefined);
}

function findPath(program: string): string | undefined {
  if (spawnSync(program, ['--version']).status !== 0) return undefined;
  return program.startsWith('/') ? program : spawnSync('which', [program], { encoding: 'utf8' }).stdout.trim();
}

import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

type Env = Record<string, string | undefined>;

/** Where this user's settings are kept: each system has a custom of its own. */
export function findConfigFolder(env: Env): string {
  if (process.platform === 'win32') return join(env['APPDATA'] || join(homedir(), 'AppData', 'Roaming'), 'holdfast');
  return join(absoluteOr(env['XDG_CONFIG_HOME'], join(homedir(), '.config')), 'holdfast');
}

/** Where what can be made again is kept. */
export function findCacheFolder(env: Env): string {
  if (process.platform === 'win32') return join(env['LOCALAPPDATA'] || join(homedir(), 'AppData', 'Local'), 'holdfast');
  return join(absoluteOr(env['XDG_CACHE_HOME'], join(homedir(), '.cache')), 'holdfast');
}

/** The XDG specification wants relative paths to be ignored. */
const absoluteOr = (path: string | undefined, other: string) => (path && isAbsolute(path) ? path : other);

import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

type Env = Record<string, string | undefined>;

/** The folder of this user's settings. It depends on the operating system. */
export function findConfigFolder(env: Env): string {
  if (process.platform === 'win32') return join(env['APPDATA'] || join(homedir(), 'AppData', 'Roaming'), 'holdfast');
  return join(absoluteOr(env['XDG_CONFIG_HOME'], join(homedir(), '.config')), 'holdfast');
}

/** The folder of files that the program can create again. */
export function findCacheFolder(env: Env): string {
  if (process.platform === 'win32') return join(env['LOCALAPPDATA'] || join(homedir(), 'AppData', 'Local'), 'holdfast');
  return join(absoluteOr(env['XDG_CACHE_HOME'], join(homedir(), '.cache')), 'holdfast');
}

/** The XDG specification says to ignore relative paths. */
const absoluteOr = (path: string | undefined, other: string) => (path && isAbsolute(path) ? path : other);

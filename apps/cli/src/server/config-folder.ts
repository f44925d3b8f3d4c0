import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';

type Env = Record<string, string | undefined>;

const isWindows = process.platform === 'win32';

/** The folder of this user's settings. It depends on the operating system. Undefined if the user has no home folder. */
export function findConfigFolder(env: Env): string | undefined {
  return findFolder(env, isWindows ? ['APPDATA', 'AppData', 'Roaming'] : ['XDG_CONFIG_HOME', '.config']);
}

/** The folder of files that the program can create again. Undefined if the user has no home folder. */
export function findCacheFolder(env: Env): string | undefined {
  return findFolder(env, isWindows ? ['LOCALAPPDATA', 'AppData', 'Local'] : ['XDG_CACHE_HOME', '.cache']);
}

/** The folder in the variable, else below the home folder. The XDG specification says to ignore relative paths. */
function findFolder(env: Env, [variable, ...path]: [string, ...string[]]): string | undefined {
  const given = env[variable];
  if (given && isAbsolute(given)) return join(given, 'holdfast');
  const home = findHome(env);
  return home === undefined ? undefined : join(home, ...path, 'holdfast');
}

/** `os.homedir` returns an empty HOME, which would be the current folder. */
function findHome(env: Env): string | undefined {
  const given = env[isWindows ? 'USERPROFILE' : 'HOME'];
  if (given && isAbsolute(given)) return given;
  try {
    const { homedir } = userInfo();
    return isAbsolute(homedir) ? homedir : undefined;
  } catch {
    // In containers, a user can be missing from the list of users.
    return undefined;
  }
}

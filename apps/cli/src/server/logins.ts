import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from '../errors.ts';
import { correctMode, readIfExists, writeAtomically } from '../files/private-files.ts';

/** A stored login. The session is like a password. */
export interface Login {
  session: string;
  email: string;
}

/** The logins of this user, at most one per server. */
export interface Logins {
  /** The server of the latest login. */
  findCurrent(): Promise<string | undefined>;
  find(server: string): Promise<Login | undefined>;
  save(server: string, login: Login): Promise<void>;
  remove(server: string): Promise<void>;
}

export interface LoginsOptions {
  /** Undefined if the user has no home folder. Then there are no logins. */
  folder: string | undefined;
  /** Called if other users could read a file or folder, after its mode was corrected. */
  warn: (message: string) => void;
}

/** Opens the logins in a folder. Each server has one file, so that simultaneous logins cannot overwrite each other. */
export function createLogins({ folder, warn }: LoginsOptions): Logins {
  return folder === undefined ? noLogins : openLogins(folder, warn);
}

const noLogins: Logins = {
  findCurrent: async () => undefined,
  find: async () => undefined,
  save: () => Promise.reject(new CliError('FILE_FAILED', 'This user has no home folder. Set HOME or XDG_CONFIG_HOME.')),
  remove: async () => {},
};

function openLogins(folder: string, warn: LoginsOptions['warn']): Logins {
  const loginsFolder = join(folder, 'logins');
  const current = join(folder, 'current-server');
  const pathOf = (server: string) => join(loginsFolder, `${encodeURIComponent(server)}.json`);

  async function makePrivate(path: string, mode: number): Promise<void> {
    const modes = await correctMode(path, mode);
    if (modes) warn(`Other users could access ${path} (${modes}). On a shared machine, log in again.`);
  }

  return {
    findCurrent: () =>
      withPath(current, async () => {
        const server = (await readIfExists(current))?.trim() || undefined;
        if (server === undefined || URL.canParse(server)) return server;
        throw new SyntaxError('The file contains no server URL.');
      }),
    find: (server) =>
      withPath(pathOf(server), async () => {
        const text = await readIfExists(pathOf(server));
        if (text === undefined) return undefined;
        for (const path of [folder, loginsFolder]) await makePrivate(path, 0o700);
        await makePrivate(pathOf(server), 0o600);
        return parseLogin(text);
      }),
    save: (server, login) =>
      withPath(pathOf(server), async () => {
        await mkdir(loginsFolder, { recursive: true, mode: 0o700 });
        for (const path of [folder, loginsFolder]) await makePrivate(path, 0o700);
        await writeAtomically(pathOf(server), `${JSON.stringify({ server, ...login }, null, 2)}\n`);
        await writeAtomically(current, `${server}\n`);
      }),
    remove: (server) => withPath(pathOf(server), () => rm(pathOf(server), { force: true })),
  };
}

function parseLogin(text: string): Login {
  const { session, email } = (JSON.parse(text) ?? {}) as Partial<Login>;
  if (typeof session === 'string' && typeof email === 'string') return { session, email };
  throw new SyntaxError('The file contains no session.');
}

async function withPath<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const isDamaged = error instanceof SyntaxError;
    const message = isDamaged
      ? `${path} is damaged. Remove it and log in again.`
      : `Cannot access ${path} (${(error as NodeJS.ErrnoException).code}). Make yourself its owner.`;
    throw new CliError('FILE_FAILED', message, { cause: error, more: { path } });
  }
}

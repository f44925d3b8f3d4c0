import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from './errors.ts';

/** What is kept of a login. The session is as good as a password. */
export interface Login {
  session: string;
  email: string;
}

/** The logins of this user, one at each server. */
export interface Credentials {
  /** The server of the latest login. */
  findCurrent(): Promise<string | undefined>;
  find(server: string): Promise<Login | undefined>;
  keep(server: string, login: Login): Promise<void>;
  forget(server: string): Promise<void>;
}

export interface CredentialsOptions {
  folder: string;
  /** Is told when something could be read by others, and was mended. */
  warn: (message: string) => void;
}

const hasModes = process.platform !== 'win32';

/** Each server has a file of its own: logins that happen at once then have nothing of each other's to lose. */
export function createCredentials({ folder, warn }: CredentialsOptions): Credentials {
  const logins = join(folder, 'logins');
  const current = join(folder, 'current-server');
  const pathOf = (server: string) => join(logins, `${encodeURIComponent(server)}.json`);

  async function mend(path: string, mode: number): Promise<void> {
    const found = (await stat(path)).mode & 0o777;
    if (!hasModes || (found & 0o077) === 0) return;
    await chmod(path, mode);
    const octal = `${found.toString(8)}, now ${mode.toString(8)}`;
    warn(`${path} was open to others (mode ${octal}): if others use this machine, log out and in again.`);
  }

  return {
    findCurrent: () =>
      naming(current, async () => {
        const server = (await readIfThere(current))?.trim() || undefined;
        if (server === undefined || URL.canParse(server)) return server;
        throw new SyntaxError('it names no server');
      }),
    find: (server) =>
      naming(pathOf(server), async () => {
        const text = await readIfThere(pathOf(server));
        if (text === undefined) return undefined;
        for (const path of [folder, logins]) await mend(path, 0o700);
        await mend(pathOf(server), 0o600);
        return parseLogin(text);
      }),
    keep: (server, login) =>
      naming(pathOf(server), async () => {
        await mkdir(logins, { recursive: true, mode: 0o700 });
        for (const path of [folder, logins]) await mend(path, 0o700);
        await writeWhole(pathOf(server), `${JSON.stringify({ server, ...login }, null, 2)}\n`);
        await writeWhole(current, `${server}\n`);
      }),
    forget: (server) => naming(pathOf(server), () => rm(pathOf(server), { force: true })),
  };
}

function parseLogin(text: string): Login {
  const { session, email } = JSON.parse(text) as Partial<Login>;
  if (typeof session === 'string' && typeof email === 'string') return { session, email };
  throw new SyntaxError('it holds no session');
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** Takes the name when it is whole and on disk: whoever reads meanwhile gets the old one or the new one. */
async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

async function naming<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const isDamaged = error instanceof SyntaxError;
    const what = isDamaged
      ? `${path} is damaged: remove it, and log in again.`
      : `${path} cannot be used (${(error as NodeJS.ErrnoException).code}): make it and its folder your own.`;
    throw new CliError('FILE_FAILED', what, { cause: error, more: { path } });
  }
}

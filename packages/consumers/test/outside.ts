import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll } from 'vitest';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Creates a folder outside the workspace and removes it after the tests. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-outside-'));
  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/**
 * Runs a program and returns its stdout.
 *
 * @throws Error with stdout and stderr if the program fails.
 */
export async function run(
  program: string,
  args: readonly string[],
  { cwd = root, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<string> {
  // The workspace's Node comes first. npm is next to it, or elsewhere on the PATH.
  const PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  try {
    const { stdout } = await promisify(execFile)(program, args, { cwd, env: { ...process.env, PATH, ...env } });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')}\n${stdout}${stderr}`, { cause: error });
  }
}

/** Packs a package as for a release and returns the path of the tarball. */
export async function pack(name: string): Promise<string> {
  const folder = await makeFolder();
  await run('pnpm', ['pack', '--pack-destination', folder], { cwd: join(root, 'packages', name) });
  const [tarball] = await readdir(folder);
  return join(folder, tarball!);
}

export async function writeManifest(folder: string, manifest: object): Promise<void> {
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', ...manifest }));
}

/** Extracts a tarball to the folder of an installed package, without its dependencies. */
export async function unpack(tarball: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', folder]);
}

/** Runs `npm install`, with optional further packages. */
export async function install(folder: string, ...packages: string[]): Promise<void> {
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages], { cwd: folder });
}

/** Type-checks a folder. Returns the compiler's messages, one per line. */
export async function compile(
  folder: string,
  { skipLibCheck, exactOptionalPropertyTypes = true }: { skipLibCheck: boolean; exactOptionalPropertyTypes?: boolean },
): Promise<string[]> {
  const compilerOptions = {
    target: 'es2024',
    module: 'nodenext',
    lib: ['es2024', 'dom'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck,
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const compiler = join(folder, 'node_modules/.bin/tsc');
  return run(compiler, ['-p', '.'], { cwd: folder }).then(
    () => [],
    (error: Error) => {
      const lines = error.message
        .split('\n')
        .slice(1)
        .filter((line) => line !== '');
      // The compiler crashed if it printed no message.
      if (lines.length === 0) throw error;
      // tRPC's declarations import `ws`, but its types are not compatible with them.
      return lines.filter((line) => !line.startsWith('node_modules/@trpc/server/dist/ws-'));
    },
  );
}

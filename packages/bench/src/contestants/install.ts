import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Contestant } from './contestant.ts';

/**
 * Installs a peer's dependencies into its folder, unless they are installed. The folder is not in the workspace.
 *
 * @throws Error if the installation or the code generator fails.
 */
export async function installPeer({ folder, generate }: Contestant): Promise<void> {
  if (folder === null) return;
  const manifest = JSON.parse(await readFile(new URL('package.json', folder), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const versions = await Promise.all(
    Object.entries(manifest.dependencies).map(async ([name, version]) => [
      version,
      await findVersion(new URL(`node_modules/${name}/package.json`, folder)),
    ]),
  );
  if (versions.some(([expected, installed]) => expected !== installed)) {
    // Install scripts download binaries that the benchmark does not use, from servers that may be unreachable.
    const args = ['install', '--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];
    await run('npm', [...args, '--loglevel=error'], folder, process.platform === 'win32');
  }
  if (generate !== undefined && !existsSync(new URL(generate.makes, folder))) {
    await run(process.execPath, [`node_modules/${generate.script}`, ...generate.args], folder);
  }
}

async function findVersion(manifest: URL): Promise<string | undefined> {
  const text = await readFile(manifest, 'utf8').catch(() => '{}');
  return (JSON.parse(text) as { version?: string }).version;
}

async function run(command: string, args: string[], folder: URL, shell = false): Promise<void> {
  const child = spawn(command, args, {
    cwd: fileURLToPath(folder),
    shell,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Prisma's generator downloads a migration engine unless this names a program. It does not run the program.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${command} ${args.slice(0, 2).join(' ')} failed: ${output.trim().slice(-500)}`);
}

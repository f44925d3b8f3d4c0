import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Contestant } from './contestant.ts';

/**
 * Installs what a peer needs into its own folder, which is no member of the workspace, unless it is there.
 *
 * @throws Error with the reason when that cannot be done.
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
  if (versions.some(([wanted, found]) => wanted !== found)) {
    // Install scripts fetch binaries that are not needed here, from places that may be out of reach.
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
    // Prisma's generator would download an engine for migrations that it does not run; any program stands in for it.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${command} ${args.slice(0, 2).join(' ')} failed: ${output.trim().slice(-500)}`);
}

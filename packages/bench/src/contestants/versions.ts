import { readFile } from 'node:fs/promises';
import type { Contestant } from './contestant.ts';

/** The exact versions in a peer's package.json; an empty object for contestants in this repository. */
export async function readVersions({ folder }: Contestant): Promise<Record<string, string>> {
  if (folder === null) return {};
  const manifest = await readFile(new URL('package.json', folder), 'utf8');
  return (JSON.parse(manifest) as { dependencies: Record<string, string> }).dependencies;
}

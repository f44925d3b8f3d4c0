import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../../../src', import.meta.url));
const read = (path: string) => readFile(`${source}/${path}`, 'utf8');

/** The paths of all screens, as the routes of the app have them. */
export async function findRoutes(): Promise<string[]> {
  const texts = await Promise.all(['app/routes.tsx', 'account/account-routes.tsx'].map(read));
  const paths = texts.flatMap((text) => [...text.matchAll(/path="(\/[^"]*)"/g)].map(([, path]) => path!));
  return [...new Set(paths)].toSorted();
}

/** The files of all dialogs. */
export async function findDialogs(): Promise<string[]> {
  const files = (await readdir(source, { recursive: true })).filter((path) => path.endsWith('.tsx'));
  const texts = await Promise.all(files.map(async (path) => [path, await read(path)] as const));
  return texts.flatMap(([path, text]) => (/<Dialog\s[^|>]*?title=/.test(text) ? [path] : [])).toSorted();
}

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of the built web app. */
export interface WebFile {
  /** File extension, which decides the content type. */
  extension: string;
  etag: string;
  /** Whether the name contains a hash of the content. */
  isImmutable: boolean;
  identity: Buffer;
  br: Buffer | undefined;
  gzip: Buffer | undefined;
}

/** The files of one build, by path. They are in memory, so that requests need no disk and a new build cannot mix with it. */
export type WebFiles = ReadonlyMap<string, WebFile>;

/** The folder of the built web app in this checkout. */
export const webFolder = fileURLToPath(new URL('../../../web/dist', import.meta.url));

/** The path of the document, which all pages of the app share. */
export const documentPath = '/index.html';

/** The path of the document of the API reference, which is served at `/docs`. */
export const referencePath = '/docs.html';

/** Reads a built web app. Returns null if the folder contains none. */
export async function readWebFiles(folder: string): Promise<WebFiles | null> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(ignoreMissing);
  const contents = new Map<string, Buffer>();
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    contents.set(`/${relative(folder, path).replaceAll(sep, '/')}`, await readFile(path));
  }
  if (!contents.has(documentPath)) return null;
  return new Map(
    [...contents]
      .filter(([path]) => !/\.(?:br|gz)$/.test(path))
      .map(([path, identity]) => [
        path,
        {
          extension: extname(path),
          etag: createHash('sha256').update(identity).digest('base64url').slice(0, 22),
          isImmutable: path.startsWith('/assets/'),
          identity,
          br: contents.get(`${path}.br`),
          gzip: contents.get(`${path}.gz`),
        },
      ]),
  );
}

function ignoreMissing(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

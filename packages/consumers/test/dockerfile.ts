import { execFile } from 'node:child_process';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { root, run } from './outside.ts';

/** The contents and settings of an image. */
export interface Image {
  folder: string;
  env: Record<string, string>;
  user: string;
  command: string[];
  healthCheck: string[];
}

/**
 * Runs the steps of the Dockerfile in folders instead of containers.
 *
 * @throws Error if the Dockerfile has an instruction that this function does not support.
 */
export async function buildImage(folder: string): Promise<Image> {
  const text = await readFile(join(root, 'Dockerfile'), 'utf8');
  const image: Image = { folder, env: {}, user: 'root', command: [], healthCheck: [] };
  let stage = '';
  let workdir = '/';
  const at = (path: string, of = stage) => join(folder, of, path.startsWith('/') ? path : join(workdir, path));
  for (const line of text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))) {
    const [, instruction, rest] = /^([A-Z]+) (.*)$/.exec(line)!;
    const words = rest!.split(' ');
    if (instruction === 'FROM') stage = words[2] ?? 'final';
    else if (instruction === 'WORKDIR') await mkdir(at((workdir = rest!)), { recursive: true });
    else if (instruction === 'COPY' && rest === '. .') await copySources(at('.'));
    else if (instruction === 'COPY') await cp(at(words[1]!, words[0]!.slice('--from='.length)), at(words[2]!), copying);
    else if (instruction === 'RUN') await run('sh', ['-c', rest!], { cwd: at('.'), env: { CI: 'true' } });
    else if (instruction === 'ENV') Object.assign(image.env, Object.fromEntries([rest!.split('=')]));
    else if (instruction === 'USER') image.user = rest!;
    else if (instruction === 'CMD') image.command = JSON.parse(rest!) as string[];
    else if (instruction === 'HEALTHCHECK') image.healthCheck = JSON.parse(rest!.split(' CMD ')[1]!) as string[];
    else if (instruction !== 'EXPOSE')
      throw new Error(`Unsupported instruction: ${instruction}. Add it to buildImage.`);
  }
  return { ...image, folder: at('.') };
}

const copying = { recursive: true, verbatimSymlinks: true } as const;

/** Copies the files that git tracks or would track, including uncommitted changes. This stands for .dockerignore. */
export async function copySources(target: string): Promise<void> {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const { stdout } = await promisify(execFile)('git', list, { cwd: root });
  for (const path of stdout.trimEnd().split('\n')) await cp(join(root, path), join(target, path)).catch(ignoreDeleted);
}

function ignoreDeleted(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

/** The environment of a container: settings of the image and of the operator, and a PATH with Node. */
export function toContainerEnv(image: Image, env: Record<string, string>): Record<string, string> {
  const PATH = [join(process.execPath, '..'), '/usr/bin', '/bin'].join(delimiter);
  return { PATH, ...image.env, ...env };
}

import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { openProxy, password, startServer } from './fixture.ts';

async function bundle(external: string[] = []) {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL('../src/index.ts', import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: external.length > 0 ? 'esm' : 'iife',
    globalName: 'holdfastClient',
    external,
  });
  // Inputs of which some code is left after tree shaking.
  const inputs = Object.values(metafile.outputs)[0]!.inputs;
  const sources = Object.keys(inputs).filter((path) => inputs[path]!.bytesInOutput > 0);
  return { code: outputFiles[0]!.text, size: gzipSync(outputFiles[0]!.contents).length, sources };
}

/** Apps load it with the first call of `changes.watch`. */
const streams = './watch.ts';

/** Apps load it with the first call of `account`. */
const account = './account.ts';

test('the code for streams is a small file of its own', async () => {
  const [whole, start] = [await bundle([account]), await bundle([account, streams])];
  const size = whole.size - start.size;
  console.info(`gzip: ${size} bytes for streams`);
  expect(size).toBeLessThan(2.5 * 1024);
  expect(start.sources.filter((path) => /changes\/(?!lazy)/.test(path))).toEqual([]);
});

test('the bundle of the client is small and contains no schemas and no server code', async () => {
  const later = [streams, account];
  const [whole, own] = [await bundle(later), await bundle([...later, '@trpc/client', '@trpc/server'])];
  console.info(`gzip: ${own.size} bytes without dependencies, ${whole.size} bytes with them`);
  expect(own.size).toBeLessThan(10.5 * 1024);
  expect(whole.size).toBeLessThan(18 * 1024);
  expect(whole.sources.filter((path) => /zod|packages\/(api|db)|apps\/|adapters|\/express\//.test(path))).toEqual([]);
  expect(whole.sources.some((path) => path.includes('@trpc/client'))).toBe(true);
  expect(whole.code).not.toMatch(/ZodError|\brequire\(|node:/);
});

/** Size of a module that exports the given entry points, without code that it loads later. */
async function measure(contents: string, later: string[]) {
  const resolveDir = fileURLToPath(new URL('../src', import.meta.url));
  const { outputFiles } = await build({
    stdin: { contents, resolveDir, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    external: later,
  });
  return gzipSync(outputFiles[0]!.contents).length;
}

test('the replica adds little to the bundle of the client', async () => {
  const client = `export * from './index.ts';`;
  const both = `${client} export * from './replica/index.ts';`;
  const later = [streams, account, './lead.ts'];
  const before = await measure(client, later);
  const first = (await measure(both, later)) - before;
  const whole = (await measure(`${both} export * from './replica/lead.ts';`, later)) - before;
  console.info(
    `gzip of the replica beside the client: ${first} bytes to start, ${whole} bytes with the code that is loaded later`,
  );
  expect(first).toBeLessThan(6 * 1024);
  expect(whole).toBeLessThan(8.4 * 1024);
});

test('the bundle of the client runs with only the globals of browsers and workers', async () => {
  const { url } = await openProxy(await startServer());
  const { code } = await bundle();
  const web = {
    ReadableStream,
    WritableStream,
    TransformStream,
    TextDecoderStream,
    fetch,
    Request,
    URL,
    AbortController,
    AbortSignal,
    setTimeout,
    clearTimeout,
    crypto,
    atob,
    TextDecoder,
  };
  const context = createContext(web);
  runInContext(code, context);
  const title = await (runInContext(
    `(async () => {
      const holdfast = holdfastClient.createClient({ url: '${url}' });
      await holdfast.signUp({ name: 'Ada', email: 'ada@example.org', password: '${password}' });
      const { id } = await holdfast.task.create({ title: 'created without Node' });
      const streaming = holdfastClient.createClient({ url: '${url}', streaming: true });
      await streaming.signIn({ email: 'ada@example.org', password: '${password}' });
      return (await streaming.task.get({ id })).title;
    })()`,
    context,
  ) as Promise<string>);
  expect(title).toBe('created without Node');
});

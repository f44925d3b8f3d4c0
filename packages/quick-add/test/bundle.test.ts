import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { findDates } from '../src/dates.ts';
import { type FindDates, parseQuickAdd } from '../src/index.ts';

async function bundle(entry: 'index' | 'dates') {
  const { outputFiles, metafile } = await build({
    entryPoints: [new URL(`../src/${entry}.ts`, import.meta.url).pathname],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
  });
  const { contents, text } = outputFiles[0]!;
  return { text, bytes: gzipSync(contents).length, inputs: Object.keys(metafile.inputs) };
}

test('the bundle for labels, lists and priorities is small and has no parser of dates', async () => {
  const { bytes, inputs } = await bundle('index');
  console.info(`@holdfast/quick-add in an app, gzip: ${bytes} bytes`);
  expect(inputs.filter((path) => path.includes('chrono'))).toEqual([]);
  expect(bytes).toBeLessThan(4_000);
});

test('a minified bundle finds the same dates as the sources', async () => {
  const { text, bytes } = await bundle('dates');
  console.info(`@holdfast/quick-add/dates in an app, gzip: ${bytes} bytes`);
  const module = (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as { findDates: FindDates };
  const present = { now: new Date('2026-11-28T11:42:00Z'), timeZone: 'Europe/Berlin' };
  for (const line of [
    'Pay rent tomorrow 9am',
    'Dinner 7pm met Ann',
    'Pay 12/25/2026',
    'Jump 1/2 today',
    'Call Ann at 7pm +02:00',
    'Call Ann in 3 days',
    'Call Ann in 3 hours',
    'Call Ann next week',
    'Run tomorrow morning',
  ]) {
    expect(parseQuickAdd(line, present, module)).toEqual(parseQuickAdd(line, present, { findDates }));
  }
});

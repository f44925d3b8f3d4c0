import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { Results } from '../results.ts';
import { toCharts } from './charts.ts';
import { toPage } from './page.ts';

const docs = new URL('../../../../docs/', import.meta.url);
const folder = new URL('benchmarks/', docs);
const resultsFile = new URL('results.json', folder);

/** Replaces the stored results of the measured sections, and writes the page and the charts again. */
export async function writeReport(measured: Results): Promise<void> {
  await mkdir(folder, { recursive: true });
  const stored = JSON.parse(await readFile(resultsFile, 'utf8').catch(() => '{}')) as Results;
  const results = { ...stored, ...measured };
  await writeFile(resultsFile, `${JSON.stringify(results, null, 2)}\n`);
  await writeFile(new URL('benchmarks.md', docs), toPage(results));
  const charts = results.comparison === undefined ? {} : toCharts(results.comparison);
  for (const [file, svg] of Object.entries(charts)) await writeFile(new URL(file, folder), svg);
}

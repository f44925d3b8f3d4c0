import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createDocument } from './document.ts';
import { lint } from './lint.ts';

// `pnpm openapi` writes the description of the API. With `--check`, it only compares and lints.

const path = fileURLToPath(new URL('../src/openapi/openapi.json', import.meta.url));
const text = `${JSON.stringify(createDocument(), null, 2)}\n`;
const isCheck = process.argv.includes('--check');
if (!isCheck) await writeFile(path, text);
const problems = await lint(text);
if ((await readFile(path, 'utf8').catch(() => '')) !== text) {
  problems.push('openapi.json differs from the code. Run `pnpm openapi`, and review the changes.');
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;

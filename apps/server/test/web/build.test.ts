import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { buildWebApp } from '../../src/web/build.ts';

test('a web app that cannot be built is reported with what is served instead, and the start continues', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-build-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'package.json'), '{}');
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await buildWebApp(new AbortController().signal, pathToFileURL(`${folder}/`));
  const [[text]] = write.mock.calls as [[string]];
  expect(text).toContain("Cannot find module 'turbo/bin/turbo'");
  expect(text).toContain(
    'The web app could not be built. The server starts with the previous build, or with the API only.',
  );
});

#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { findCacheFolder } from './config-folder.ts';

// What is in it is run: the default, a folder that all users share, is not for that.
enableCompileCache(join(findCacheFolder(process.env), 'compiled'));

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever reads has seen enough, as `head` has.
    if (error.code === 'EPIPE') return;
    process.exitCode = 1;
    if (stream === process.stdout) process.stderr.write(`The answer cannot be written: ${error.message}.\n`);
  });
}

const { run } = await import('./run.ts');
const exitCode = await run(process.argv.slice(2), process.env);
process.exitCode ||= exitCode;

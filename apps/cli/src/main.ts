#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { findCacheFolder } from './config-folder.ts';

// What is in it is run: the default, a folder that all users share, is not for that.
enableCompileCache(join(findCacheFolder(process.env), 'compiled'));

// Until a command is through: a terminal that is closed under a question ends the process without another word.
process.exitCode = 130;
let isWritten = true;

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever reads has seen enough, as `head` has.
    if (error.code === 'EPIPE') return;
    isWritten = false;
    process.exitCode = 1;
    if (stream === process.stdout) process.stderr.write(`The answer cannot be written: ${error.message}.\n`);
  });
}

void import('./run.ts')
  .then(({ run }) => run(process.argv.slice(2), process.env))
  .then((exitCode) => (process.exitCode = isWritten ? exitCode : 1));

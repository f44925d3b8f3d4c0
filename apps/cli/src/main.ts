#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { findCacheFolder } from './server/config-folder.ts';

// Node.js runs the code in this cache. Its default folder can be shared by all users.
const cacheFolder = findCacheFolder(process.env);
if (cacheFolder !== undefined) enableCompileCache(join(cacheFolder, 'compiled'));

// Used if the process ends before the command, for example because the terminal closes during a prompt.
process.exitCode = 130;
let isWritten = true;

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader, such as `head`, stopped reading.
    if (error.code === 'EPIPE') return;
    isWritten = false;
    process.exitCode = 1;
    if (stream === process.stdout) process.stderr.write(`Cannot write the output: ${error.message}.\n`);
  });
}

void import('./run.ts')
  .then(({ run }) => run(process.argv.slice(2), process.env))
  .then((exitCode) => (process.exitCode = isWritten ? exitCode : 1));

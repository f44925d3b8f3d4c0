import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openEmbeddedPostgres } from './open.ts';

// A separate process that removes the scratch server of another process, even if that process is killed. The other process holds
// the standard input open, which closes when it ends. The argument is the server's folder.
const dataDir = process.argv[2]!;
await once(process.stdin.resume(), 'close');
try {
  // If the server was stopped, this file is gone and the folder may be partly removed.
  if (existsSync(join(dataDir, 'postgres/postmaster.pid'))) {
    const server = await openEmbeddedPostgres({ dataDir });
    await server.stop();
  }
} finally {
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
}

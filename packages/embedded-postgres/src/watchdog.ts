import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openEmbeddedPostgres } from './open.ts';

// Runs beside whoever has opened a scratch server. Once that process is gone, with which the input ends, the server that
// it has left in the folder given as argument is shut down and the folder removed.
const dataDir = process.argv[2]!;
await once(process.stdin.resume(), 'close');
try {
  // A server that has ended in order leaves no such file; the folder may be half removed.
  if (existsSync(join(dataDir, 'postgres/postmaster.pid'))) {
    const server = await openEmbeddedPostgres({ dataDir });
    await server.stop();
  }
} finally {
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
}

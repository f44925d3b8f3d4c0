import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openEmbeddedPostgres } from './open.ts';

// Runs next to a process that has opened a scratch server. When that process ends, its end of the input closes. The watchdog then shuts
// down the server in the folder of its argument and removes the folder.
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

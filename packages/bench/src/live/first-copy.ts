import { createClient } from '@holdfast/client';
import { receiveJob } from '../child.ts';

// A client with many tasks, in a separate process.

export interface FirstCopyJob {
  url: string;
  token: string;
}

/** Milliseconds. */
export interface FirstCopyResult {
  tasks: number;
  durationMs: number;
}

const { job } = await receiveJob();
const { url, token } = job as FirstCopyJob;
const holdfast = createClient({ url, getToken: () => token });
// The connection and the token are known, as in an app that runs.
await holdfast.user.me();
const startedAt = performance.now();
const ids = new Set<string>();
let since: string | undefined;
for (let hasMore = true; hasMore;) {
  const page = await holdfast.changes.list({ limit: 1000, ...(since !== undefined && { since }) });
  for (const { id } of page.tasks) ids.add(id);
  since = page.cursor ?? undefined;
  hasMore = page.hasMore;
}
const result: FirstCopyResult = { tasks: ids.size, durationMs: performance.now() - startedAt };
process.send!(result);

import type { ServerResponse } from 'node:http';

/** A signal that aborts if the client disconnects before the response is complete. */
export function createClosedSignal(res: ServerResponse): AbortSignal {
  const controller = new AbortController();
  if (res.closed) controller.abort();
  res.once('close', () => {
    if (!res.writableEnded) controller.abort();
  });
  return controller.signal;
}

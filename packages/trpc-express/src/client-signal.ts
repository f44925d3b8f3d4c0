import type { Request, Response } from 'express';

/**
 * Creates a signal that aborts if the client disconnects before the response has been written. Its listeners stay: to remove one
 * costs more than all else here.
 */
export function createClientSignal(req: Request, res: Response): AbortSignal {
  const controller = new AbortController();
  res.on('close', () => {
    if (!res.writableEnded) controller.abort();
  });
  req.on('aborted', () => {
    if (!res.closed) controller.abort();
  });
  return controller.signal;
}

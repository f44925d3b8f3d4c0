import type { Request, Response } from 'express';

/** Creates a signal that aborts if the client disconnects before the response has been written. */
export function createClientSignal(req: Request, res: Response): AbortSignal {
  const controller = new AbortController();
  function onAborted(): void {
    res.off('close', onClose);
    req.off('aborted', onAborted);
    controller.abort();
  }
  function onClose(): void {
    if (res.writableEnded) req.off('aborted', onAborted);
    else onAborted();
  }
  res.once('close', onClose);
  req.once('aborted', onAborted);
  return controller.signal;
}

import type { Response } from 'express';

declare global {
  // oxlint-disable-next-line typescript/no-namespace -- Express declares the type of `res.locals` in this namespace.
  namespace Express {
    interface Locals {
      closeCallbacks?: (() => void)[];
    }
  }
}

/**
 * Calls the function when the response is closed, or at once if it is already. All functions of a response share one
 * listener, because each listener costs every request a microsecond.
 */
export function onClose(res: Response, callback: () => void): void {
  if (res.closed) return callback();
  const { locals } = res;
  if (locals.closeCallbacks !== undefined) {
    // A push would reserve room for 16 more.
    locals.closeCallbacks = locals.closeCallbacks.concat(callback);
    return;
  }
  locals.closeCallbacks = [callback];
  res.on('close', callAll);
}

function callAll(this: Response): void {
  for (const call of this.locals.closeCallbacks!) call();
}

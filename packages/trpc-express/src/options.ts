import type { AnyTRPCRouter } from '@trpc/server';
import type { NodeHTTPHandlerOptions } from '@trpc/server/adapters/node-http';
import type { Request, Response } from 'express';

/** What `createExpressMiddleware` takes. */
export type MiddlewareOptions<Router extends AnyTRPCRouter = AnyTRPCRouter> = NodeHTTPHandlerOptions<
  Router,
  Request,
  Response
> & {
  /** Looks at the bytes of each JSON body before they become text; what it throws is the answer. */
  assertBody?: (body: Buffer) => void;
};

/** The options together with the request they serve; tRPC hands all of it to `createContext`. */
export type Exchange = MiddlewareOptions & {
  req: Request;
  res: Response;
  /** The last segment of the request's path as it came, with its escapes. */
  path: string;
};

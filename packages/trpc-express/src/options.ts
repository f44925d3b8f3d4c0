import type { AnyTRPCProcedure, AnyTRPCRouter } from '@trpc/server';
import type { NodeHTTPCreateContextFn } from '@trpc/server/adapters/node-http';
import type { HTTPBaseHandlerOptions } from '@trpc/server/http';
import type { Request, Response } from 'express';

/** The options of tRPC's Express adapter that Holdfast uses, and `assertBody`. */
export type AdapterOptions<Router extends AnyTRPCRouter = AnyTRPCRouter> = Pick<
  HTTPBaseHandlerOptions<Router, Request>,
  'allowMethodOverride' | 'maxBatchSize' | 'onError' | 'responseMeta'
> & {
  /** A router without a data transformer. */
  router: Router & { _def: { _config: { $types: { transformer: false } } } };
  /** In bytes. Default: unlimited. */
  maxBodySize?: number;
  createContext: NodeHTTPCreateContextFn<Router, Request, Response>;
  /**
   * Checks the bytes of each JSON body before they are decoded. An error that it throws fails the call. Default: no check.
   *
   * @param procedures Those that the body is for. Undefined if the fast path does not serve the request.
   */
  assertBody?: (body: Buffer, procedures?: readonly AnyTRPCProcedure[]) => void;
};

/** The options with the request that they serve. tRPC passes the whole object to `createContext`. */
export type RequestHandlerOptions = AdapterOptions & {
  req: Request;
  res: Response;
  /** The last segment of the request path, percent-encoded. */
  path: string;
};

export { createBodyReader, readBody } from './body.ts';
export { parseBody } from './inputs.ts';
export { createExpressMiddleware } from './middleware.ts';
export type { AdapterOptions } from './options.ts';
export { createRouteHandler, hasBody } from './route-handler.ts';
export type { CreateExpressContextOptions } from '@trpc/server/adapters/express';

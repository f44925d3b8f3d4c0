export { readBody } from './body.ts';
export { createExpressMiddleware } from './middleware.ts';
export type { CreateExpressContextOptions } from '@trpc/server/adapters/express';

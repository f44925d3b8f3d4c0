export type { Failure, ToolCalls } from './calls.ts';
export { createToolServer, isTool, type ToolServerOptions } from './server.ts';

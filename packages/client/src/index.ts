export type { AppRouter, Task } from '@holdfast/api/client';
export { type CallOptions, type TaskCalls, type UserCalls } from './calls.ts';
export {
  type ClientOptions,
  createClient,
  type Holdfast,
  type HoldfastWithSignIn,
  type OutsideClientOptions,
} from './client.ts';
export { type GetToken } from './token-source.ts';
export {
  type BadRequestError,
  type ConflictError,
  type ErrorCode,
  type HoldfastError,
  isHoldfastError,
} from './errors.ts';
export { type SessionStorage } from './session-tokens.ts';
export { type Account } from './sign-in.ts';

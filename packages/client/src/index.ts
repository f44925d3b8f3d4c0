export type { AppRouter } from '@holdfast/api/client';
export { type CallOptions, type Task, type TaskCalls, type UserCalls } from './calls.ts';
export {
  type ClientOptions,
  createClient,
  type Holdfast,
  type HoldfastWithSignIn,
  type OutsideClientOptions,
} from './client.ts';
export { type GetToken } from './credentials.ts';
export {
  type BadRequestError,
  type ConflictError,
  type ErrorCode,
  type HoldfastError,
  isHoldfastError,
} from './errors.ts';
export { type SessionStorage } from './session.ts';
export { type Account } from './sign-in.ts';

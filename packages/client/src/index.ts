export type {
  AppRouter,
  CountTasksInput,
  CreateTaskInput,
  DeletedTask,
  DeleteTaskInput,
  DueFilter,
  GetTaskInput,
  ListTasksInput,
  Task,
  TaskCount,
  TaskFilter,
  TaskPage,
  UpdateTaskInput,
  User,
  ValidationTree,
} from '@holdfast/api/client';
export { type CallOptions, type ListAllInput, type TaskCalls, type UserCalls, type WriteOptions } from './calls.ts';
export {
  type ClientOptions,
  createClient,
  type Holdfast,
  type HoldfastWithSignIn,
  type OutsideClientOptions,
  type Session,
} from './client.ts';
export { type GetToken } from './session/token-source.ts';
export {
  type BadRequestError,
  type ConflictError,
  type ErrorCode,
  type HoldfastError,
  isHoldfastError,
} from './errors.ts';
export { newTaskId } from './new-task-id.ts';
export { type SessionStorage } from './session/session-storage.ts';
export { type Account, type SignInInput, type SignUpInput } from './session/sign-in.ts';

import type {
  AppRouter,
  ConflictError,
  Due,
  ErrorCode,
  HoldfastError,
  HoldfastWithSignIn,
  List,
  NotFoundError,
  Task,
} from '@holdfast/client';

type Result<Call extends (...args: never[]) => unknown> = Awaited<ReturnType<Call>>;

/** Assignable only to `any`, which is also the type of a missing import. Then a line below has no error. */
declare const foreign: { readonly foreign: true };

// @ts-expect-error -- The type is not any.
export const router: AppRouter = foreign;
// @ts-expect-error -- The type is not any.
export const calls: HoldfastWithSignIn['task'] = foreign;
// @ts-expect-error -- The type is not any.
export const input: Parameters<HoldfastWithSignIn['task']['create']>[0] = foreign;
// @ts-expect-error -- The type is not any.
export const inputTitle: Parameters<HoldfastWithSignIn['task']['create']>[0]['title'] = foreign;
// @ts-expect-error -- The type is not any.
export const task: Result<HoldfastWithSignIn['task']['get']> = foreign;
// @ts-expect-error -- The type is not any.
export const title: Result<HoldfastWithSignIn['task']['get']>['title'] = foreign;
// @ts-expect-error -- The type is not any.
export const completedAt: Result<HoldfastWithSignIn['task']['list']>['items'][number]['completedAt'] = foreign;
// @ts-expect-error -- The type is not any.
export const createdAt: Result<HoldfastWithSignIn['user']['me']>['createdAt'] = foreign;
// @ts-expect-error -- The type is not any.
export const version: Task['version'] = foreign;
// @ts-expect-error -- The type is not any.
export const code: ErrorCode = foreign;
// @ts-expect-error -- The type is not any.
export const error: HoldfastError = foreign;
// @ts-expect-error -- The type is not any.
export const current: ConflictError['current'] = foreign;
// @ts-expect-error -- The type is not any.
export const currentList: ConflictError['currentList'] = foreign;
// @ts-expect-error -- The type is not any.
export const missing: NotFoundError['ids'] = foreign;
// @ts-expect-error -- The type is not any.
export const due: Due['date'] = foreign;
// @ts-expect-error -- The type is not any.
export const list: List = foreign;
// @ts-expect-error -- The type is not any.
export const deleted: Result<HoldfastWithSignIn['trash']['list']>['items'][number]['deletedAt'] = foreign;
// @ts-expect-error -- The type is not any.
export const count: Result<HoldfastWithSignIn['task']['count']>['count'] = foreign;
// @ts-expect-error -- The type is not any.
export const changed: Result<HoldfastWithSignIn['task']['updateMany']>['items'][number]['title'] = foreign;
// @ts-expect-error -- The type is not any.
export const labels: Result<HoldfastWithSignIn['label']['list']>['items'][number]['count'] = foreign;
// @ts-expect-error -- The type is not any.
export const lists: Result<HoldfastWithSignIn['list']['list']>['items'][number]['name'] = foreign;
// @ts-expect-error -- A task has no such field.
export type Typo = Task['titel'];

import type { AppRouter, ConflictError, ErrorCode, HoldfastError, HoldfastWithSignIn, Task } from '@holdfast/client';

type Answer<Call extends (...args: never[]) => unknown> = Awaited<ReturnType<Call>>;

/** Fits nothing but `any`, and a type that the compiler could not find counts as that: then a line below is no error. */
declare const foreign: { readonly foreign: true };

// @ts-expect-error -- It is typed.
export const router: AppRouter = foreign;
// @ts-expect-error -- It is typed.
export const calls: HoldfastWithSignIn['task'] = foreign;
// @ts-expect-error -- It is typed.
export const input: Parameters<HoldfastWithSignIn['task']['create']>[0] = foreign;
// @ts-expect-error -- It is typed.
export const inputTitle: Parameters<HoldfastWithSignIn['task']['create']>[0]['title'] = foreign;
// @ts-expect-error -- It is typed.
export const task: Answer<HoldfastWithSignIn['task']['get']> = foreign;
// @ts-expect-error -- It is typed.
export const title: Answer<HoldfastWithSignIn['task']['get']>['title'] = foreign;
// @ts-expect-error -- It is typed.
export const completedAt: Answer<HoldfastWithSignIn['task']['list']>['items'][number]['completedAt'] = foreign;
// @ts-expect-error -- It is typed.
export const createdAt: Answer<HoldfastWithSignIn['user']['me']>['createdAt'] = foreign;
// @ts-expect-error -- It is typed.
export const version: Task['version'] = foreign;
// @ts-expect-error -- It is typed.
export const code: ErrorCode = foreign;
// @ts-expect-error -- It is typed.
export const error: HoldfastError = foreign;
// @ts-expect-error -- It is typed.
export const current: ConflictError['current'] = foreign;
// @ts-expect-error -- A task has no such field.
export type Typo = Task['titel'];

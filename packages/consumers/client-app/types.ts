import type { AppRouter, RouterInputs, RouterOutputs, Task } from '@holdfast/api/client';
import type { TRPCClientError } from '@trpc/client';

type ErrorData = NonNullable<TRPCClientError<AppRouter>['data']>;

/** Fits nothing but `any`, and a type that the compiler could not find counts as that: then a line below is no error. */
declare const foreign: { readonly foreign: true };

// @ts-expect-error -- It is typed.
export const router: AppRouter = foreign;
// @ts-expect-error -- It is typed.
export const input: RouterInputs['task']['create'] = foreign;
// @ts-expect-error -- It is typed.
export const inputTitle: RouterInputs['task']['create']['title'] = foreign;
// @ts-expect-error -- It is typed.
export const task: RouterOutputs['task']['get'] = foreign;
// @ts-expect-error -- It is typed.
export const title: RouterOutputs['task']['get']['title'] = foreign;
// @ts-expect-error -- It is typed.
export const completedAt: RouterOutputs['task']['list']['items'][number]['completedAt'] = foreign;
// @ts-expect-error -- It is typed.
export const createdAt: RouterOutputs['user']['me']['createdAt'] = foreign;
// @ts-expect-error -- It is typed.
export const code: ErrorData['code'] = foreign;
// @ts-expect-error -- It is typed.
export const current: ErrorData['current'] = foreign;
// @ts-expect-error -- It is typed.
export const validation: ErrorData['validation'] = foreign;
// @ts-expect-error -- A task has no such field.
export type Typo = Task['titel'];

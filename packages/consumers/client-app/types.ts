import type { AppRouter, RouterInputs, RouterOutputs, Task } from '@holdfast/api/client';
import type { TRPCClientError } from '@trpc/client';

type ErrorData = NonNullable<TRPCClientError<AppRouter>['data']>;

/** Assignable only to `any`, which is also the type of a missing import. Then a line below has no error. */
declare const foreign: { readonly foreign: true };

// @ts-expect-error -- The type is not any.
export const router: AppRouter = foreign;
// @ts-expect-error -- The type is not any.
export const input: RouterInputs['task']['create'] = foreign;
// @ts-expect-error -- The type is not any.
export const inputTitle: RouterInputs['task']['create']['title'] = foreign;
// @ts-expect-error -- The type is not any.
export const task: RouterOutputs['task']['get'] = foreign;
// @ts-expect-error -- The type is not any.
export const title: RouterOutputs['task']['get']['title'] = foreign;
// @ts-expect-error -- The type is not any.
export const completedAt: RouterOutputs['task']['list']['items'][number]['completedAt'] = foreign;
// @ts-expect-error -- The type is not any.
export const createdAt: RouterOutputs['user']['me']['createdAt'] = foreign;
// @ts-expect-error -- The type is not any.
export const code: ErrorData['code'] = foreign;
// @ts-expect-error -- The type is not any.
export const current: ErrorData['current'] = foreign;
// @ts-expect-error -- The type is not any.
export const validation: ErrorData['validation'] = foreign;
// @ts-expect-error -- A task has no such field.
export type Typo = Task['titel'];

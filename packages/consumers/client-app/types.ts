import type { AppRouter, RouterInputs, RouterOutputs, Task } from '@holdfast/api/client';
import type { TRPCClientError } from '@trpc/client';

type Kind<Type> = 0 extends 1 & Type ? 'any' : 'typed';
type ErrorData = NonNullable<TRPCClientError<AppRouter>['data']>;

/** Does not compile where one of them is `any`. */
export const kinds: [
  Kind<AppRouter>,
  Kind<RouterInputs['task']['create']>,
  Kind<RouterInputs['task']['create']['title']>,
  Kind<RouterOutputs['task']['get']>,
  Kind<RouterOutputs['task']['get']['title']>,
  Kind<RouterOutputs['task']['list']['items'][number]['completedAt']>,
  Kind<RouterOutputs['user']['me']['createdAt']>,
  Kind<ErrorData['code']>,
  Kind<ErrorData['current']>,
  Kind<ErrorData['validation']>,
] = ['typed', 'typed', 'typed', 'typed', 'typed', 'typed', 'typed', 'typed', 'typed', 'typed'];

// @ts-expect-error -- A task has no such field.
export type Typo = Task['titel'];

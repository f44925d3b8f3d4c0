import type { ConflictError, ErrorCode, HoldfastError, HoldfastWithSignIn, Task } from '@holdfast/client';

type Kind<Type> = 0 extends 1 & Type ? 'any' : 'typed';
type Answer<Call extends (...args: never[]) => unknown> = Awaited<ReturnType<Call>>;

/** Does not compile where one of them is `any`. */
export const kinds: [
  Kind<HoldfastWithSignIn['task']>,
  Kind<Parameters<HoldfastWithSignIn['task']['create']>[0]>,
  Kind<Parameters<HoldfastWithSignIn['task']['create']>[0]['title']>,
  Kind<Answer<HoldfastWithSignIn['task']['get']>['title']>,
  Kind<Answer<HoldfastWithSignIn['task']['list']>['items'][number]['completedAt']>,
  Kind<Answer<HoldfastWithSignIn['user']['me']>['createdAt']>,
  Kind<Task['version']>,
  Kind<ErrorCode>,
  Kind<HoldfastError>,
  Kind<ConflictError['current']>,
] = ['typed', 'typed', 'typed', 'typed', 'typed', 'typed', 'typed', 'typed', 'typed', 'typed'];

// @ts-expect-error -- A task has no such field.
export type Typo = Task['titel'];

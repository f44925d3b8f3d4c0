import { Task } from './task.ts';
import { User } from './user.ts';

/** Every entity there is; none is discovered. */
export const entities = [User, Task] as const;

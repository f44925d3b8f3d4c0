import { Task } from './task.ts';
import { User } from './user.ts';

/** All entities. MikroORM does not discover any others. */
export const entities = [User, Task] as const;

import { CalendarFeed } from './calendar-feed.ts';
import { Change } from './change.ts';
import { List } from './list.ts';
import { Task } from './task.ts';
import { User } from './user.ts';

/** All entities. MikroORM does not discover any others. */
export const entities = [User, List, Task, Change, CalendarFeed] as const;

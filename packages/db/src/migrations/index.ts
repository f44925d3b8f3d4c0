import type { MigrationObject } from '@mikro-orm/core';
import { UsersAndTasks } from './0001-users-and-tasks.ts';
import { Auth } from './0002-auth.ts';

/** In the order in which they are applied. A migration that has shipped is never changed. */
export const migrations: MigrationObject[] = [
  { name: '0001-users-and-tasks', class: UsersAndTasks },
  { name: '0002-auth', class: Auth },
];

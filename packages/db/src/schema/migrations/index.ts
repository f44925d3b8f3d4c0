import type { MigrationObject } from '@mikro-orm/core';
import { UsersAndTasks } from './0001-users-and-tasks.ts';
import { Auth } from './0002-auth.ts';
import { RateLimits } from './0003-rate-limits.ts';
import { RoomForUpdates } from './0004-room-for-updates.ts';
import { Times } from './0005-times.ts';
import { EndedAccess } from './0006-ended-access.ts';
import { Planning } from './0007-planning.ts';

/** In the order in which they are applied. Never change a migration that has been released, and never revert one. */
export const migrations: MigrationObject[] = [
  { name: '0001-users-and-tasks', class: UsersAndTasks },
  { name: '0002-auth', class: Auth },
  { name: '0003-rate-limits', class: RateLimits },
  { name: '0004-room-for-updates', class: RoomForUpdates },
  { name: '0005-times', class: Times },
  { name: '0006-ended-access', class: EndedAccess },
  { name: '0007-planning', class: Planning },
];

/** The name of the newest migration of this version. */
export const schemaVersion = migrations.at(-1)!.name;

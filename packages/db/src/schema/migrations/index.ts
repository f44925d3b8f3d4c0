import type { MigrationObject } from '@mikro-orm/core';
import { UsersAndTasks } from './0001-users-and-tasks.ts';
import { Auth } from './0002-auth.ts';
import { RateLimits } from './0003-rate-limits.ts';
import { RoomForUpdates } from './0004-room-for-updates.ts';
import { Times } from './0005-times.ts';
import { EndedAccess } from './0006-ended-access.ts';
import { Planning, planningIndexes } from './0007-planning.ts';
import { OtherWriters } from './0008-other-writers.ts';
import { ApiTokens } from './0009-api-tokens.ts';
import { CalendarFeeds } from './0010-calendar-feeds.ts';
import { TwoFactor } from './0011-two-factor.ts';

/** In the order in which they are applied. Never change a migration that has been released, and never revert one. */
export const migrations: MigrationObject[] = [
  { name: '0001-users-and-tasks', class: UsersAndTasks },
  { name: '0002-auth', class: Auth },
  { name: '0003-rate-limits', class: RateLimits },
  { name: '0004-room-for-updates', class: RoomForUpdates },
  { name: '0005-times', class: Times },
  { name: '0006-ended-access', class: EndedAccess },
  { name: '0007-planning', class: Planning },
  { name: '0008-other-writers', class: OtherWriters },
  { name: '0009-api-tokens', class: ApiTokens },
  { name: '0010-calendar-feeds', class: CalendarFeeds },
  { name: '0011-two-factor', class: TwoFactor },
];

/** An index on rows that exist before its migration. */
export interface LateIndex {
  readonly name: string;
  /** The table with its schema, the columns and the condition. */
  readonly on: string;
}

/**
 * The indexes of each migration that are built after its transaction, so that they do not block writes. If a later migration
 * drops an index, remove it here.
 */
export const lateIndexes: Readonly<Record<string, readonly LateIndex[]>> = { '0007-planning': planningIndexes };

/** The name of the newest migration of this version. */
export const schemaVersion = migrations.at(-1)!.name;

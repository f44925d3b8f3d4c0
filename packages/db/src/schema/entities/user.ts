import { defineEntity, p } from '@mikro-orm/core';
import { ownerPolicies } from './owner-policy.ts';
import { toTimeRange } from './time-range.ts';

export const UserSchema = defineEntity({
  name: 'User',
  tableName: 'users',
  rowLevelSecurity: 'force',
  policies: ownerPolicies('users', 'id'),
  checks: [
    { name: 'users_created_at_range', expression: toTimeRange('created_at') },
    { name: 'users_revision', expression: 'revision >= 0' },
    { name: 'users_time_zone_length', expression: 'char_length(time_zone) <= 64' },
  ],
  properties: {
    id: p.uuid().primary(),
    email: p.text().nullable(),
    name: p.text().nullable(),
    createdAt: p.datetime(3).defaultRaw('now()'),
    /** Each write of this user adds 1. */
    revision: p.bigint('number').defaultRaw('0'),
    /** IANA name of the zone in which the user's days begin and end. */
    timeZone: p.text().nullable(),
  },
});

/** An owner of tasks and lists. `email` and `name` come from the latest token. */
export class User extends UserSchema.class {}

UserSchema.setClass(User);

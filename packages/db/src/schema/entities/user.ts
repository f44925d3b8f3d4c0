import { defineEntity, p } from '@mikro-orm/core';
import { ownerPolicies } from './owner-policy.ts';
import { toTimeRange } from './time-range.ts';

export const UserSchema = defineEntity({
  name: 'User',
  tableName: 'users',
  rowLevelSecurity: 'force',
  policies: ownerPolicies('users', 'id'),
  checks: [{ name: 'users_created_at_range', expression: toTimeRange('created_at') }],
  properties: {
    id: p.uuid().primary(),
    email: p.text().nullable(),
    name: p.text().nullable(),
    createdAt: p.datetime(3).defaultRaw('now()'),
  },
});

/** An owner of tasks. `email` and `name` come from the latest token. */
export class User extends UserSchema.class {}

UserSchema.setClass(User);

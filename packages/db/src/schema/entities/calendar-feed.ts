import { defineEntity, p } from '@mikro-orm/core';
import { ownerPolicies } from './owner-policy.ts';
import { User } from './user.ts';

export const CalendarFeedSchema = defineEntity({
  name: 'CalendarFeed',
  tableName: 'calendar_feeds',
  rowLevelSecurity: 'force',
  policies: ownerPolicies('calendar_feeds', 'user_id'),
  checks: [{ name: 'calendar_feeds_hash', expression: 'char_length(hash) = 43' }],
  properties: {
    user: () =>
      p
        .manyToOne(User)
        .primary()
        .fieldName('user_id')
        .foreignKeyName('calendar_feeds_user_id')
        .deleteRule('cascade')
        .updateRule('no action'),
    /** SHA-256 of the secret in the URL, as base64url. */
    hash: p.text(),
    createdAt: p.datetime(3).defaultRaw('now()'),
  },
});

/** The secret URL with which calendar apps read the due tasks of a user. */
export class CalendarFeed extends CalendarFeedSchema.class {}

CalendarFeedSchema.setClass(CalendarFeed);

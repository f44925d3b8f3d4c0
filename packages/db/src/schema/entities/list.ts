import { defineEntity, p } from '@mikro-orm/core';
import { ownerPolicies } from './owner-policy.ts';
import { laterPosition, positionCheck } from './position.ts';
import { timeLimit, toTimeRange } from './time-range.ts';
import { User } from './user.ts';

export const ListSchema = defineEntity({
  name: 'List',
  tableName: 'lists',
  rowLevelSecurity: 'force',
  policies: ownerPolicies('lists', 'user_id'),
  indexes: [
    { name: 'lists_user_id_position', properties: ['user', 'position', 'id'], where: 'deleted_at is null' },
    { name: 'lists_user_id_deleted_at', properties: ['user', 'deletedAt', 'id'], where: 'deleted_at is not null' },
  ],
  checks: [
    { name: 'lists_name_length', expression: 'char_length(name) <= 200' },
    { name: 'lists_name_not_blank', expression: String.raw`name collate "C" ~ '\S'` },
    { name: 'lists_color_length', expression: 'char_length(color) >= 1 and char_length(color) <= 50' },
    { name: 'lists_position', expression: positionCheck },
    { name: 'lists_created_at_range', expression: toTimeRange('created_at') },
    { name: 'lists_updated_at', expression: `updated_at >= created_at and updated_at < ${timeLimit}` },
    { name: 'lists_archived_at', expression: `archived_at >= created_at and archived_at < ${timeLimit}` },
    { name: 'lists_deleted_at', expression: `deleted_at >= created_at and deleted_at < ${timeLimit}` },
    { name: 'lists_version', expression: 'version >= 1' },
    { name: 'lists_revision', expression: 'revision >= 0' },
  ],
  properties: {
    user: () =>
      p
        .manyToOne(User)
        .primary()
        .fieldName('user_id')
        .foreignKeyName('lists_user_id')
        .deleteRule('cascade')
        .updateRule('no action'),
    id: p.uuid().primary(),
    name: p.text(),
    color: p.text().nullable(),
    position: p.text().collation('C').default(laterPosition),
    archivedAt: p.datetime(3).nullable(),
    deletedAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3).defaultRaw('now()'),
    updatedAt: p.datetime(3).defaultRaw('now()'),
    version: p.integer().version().default(1),
    /** The user's revision of the last write to this list. */
    revision: p.bigint('number').defaultRaw('0'),
  },
});

/** A list of tasks of one user. The primary key is the owner and the id. */
export class List extends ListSchema.class {}

ListSchema.setClass(List);

import { defineEntity, p } from '@mikro-orm/core';
import { List } from './list.ts';
import { ownerPolicies } from './owner-policy.ts';
import { laterPosition, positionCheck } from './position.ts';
import { timeLimit, toTimeRange } from './time-range.ts';
import { User } from './user.ts';

export const TaskSchema = defineEntity({
  name: 'Task',
  tableName: 'tasks',
  rowLevelSecurity: 'force',
  policies: ownerPolicies('tasks', 'user_id'),
  indexes: [
    { name: 'tasks_user_id_created_at', properties: ['user', 'createdAt', 'id'] },
    { name: 'tasks_user_id_completed_created_at', properties: ['user', 'completed', 'createdAt', 'id'] },
    {
      name: 'tasks_user_id_list_id_position',
      properties: ['user', 'listId', 'position', 'id'],
      where: 'deleted_at is null',
    },
    {
      name: 'tasks_user_id_due',
      properties: ['user', 'dueDate', 'dueTime', 'id'],
      where: 'due_date is not null and deleted_at is null',
    },
    {
      name: 'tasks_user_id_completed_at',
      properties: ['user', 'completedAt', 'id'],
      where: 'completed_at is not null and deleted_at is null',
    },
    { name: 'tasks_user_id_deleted_at', properties: ['user', 'deletedAt', 'id'], where: 'deleted_at is not null' },
    { name: 'tasks_user_id_unfolded', properties: ['user', 'id'], where: 'not is_folded' },
  ],
  checks: [
    { name: 'tasks_title_length', expression: 'char_length(title) <= 500' },
    { name: 'tasks_title_not_blank', expression: String.raw`title collate "C" ~ '\S'` },
    { name: 'tasks_description_length', expression: 'char_length(description) <= 10000' },
    { name: 'tasks_completed_at', expression: 'completed = (completed_at is not null)' },
    { name: 'tasks_updated_at', expression: 'updated_at >= created_at' },
    { name: 'tasks_version', expression: 'version >= 1' },
    { name: 'tasks_completed_after_creation', expression: 'completed_at >= created_at' },
    { name: 'tasks_created_at_range', expression: toTimeRange('created_at') },
    { name: 'tasks_updated_at_range', expression: `updated_at < ${timeLimit}` },
    { name: 'tasks_completed_at_range', expression: `completed_at < ${timeLimit}` },
    { name: 'tasks_priority', expression: 'priority >= 0 and priority <= 3' },
    { name: 'tasks_labels', expression: `labels = '{}' or holdfast_are_labels(labels)` },
    { name: 'tasks_position', expression: positionCheck },
    { name: 'tasks_due', expression: 'holdfast_is_due(due_date, due_time, due_time_zone)' },
    { name: 'tasks_deleted_at_range', expression: `deleted_at >= created_at and deleted_at < ${timeLimit}` },
    { name: 'tasks_revision', expression: 'revision >= 0' },
  ],
  properties: {
    user: () =>
      p
        .manyToOne(User)
        .primary()
        .fieldName('user_id')
        .foreignKeyName('tasks_user_id')
        .deleteRule('cascade')
        .updateRule('no action'),
    id: p.uuid().primary(),
    title: p.text(),
    description: p.text().nullable(),
    completed: p.boolean().default(false),
    completedAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3).defaultRaw('now()'),
    updatedAt: p.datetime(3).defaultRaw('now()'),
    version: p.integer().version().default(1),
    /** Null in the inbox. */
    listId: p.uuid().nullable(),
    list: () =>
      p
        .manyToOne(List)
        .joinColumns('user_id', 'list_id')
        .ownColumns('list_id')
        .nullable()
        .foreignKeyName('tasks_list_id')
        .deleteRule('no action')
        .updateRule('no action'),
    dueDate: p.date().nullable(),
    dueTime: p.time(0).nullable(),
    dueTimeZone: p.text().nullable(),
    /** The time of a due date with a time zone. */
    dueAt: p.datetime(3).nullable().generated('((due_date + due_time) at time zone due_time_zone) stored'),
    priority: p.smallint().default(0),
    labels: p.array().columnType('text[]').defaultRaw(`'{}'`),
    position: p.text().collation('C').default(laterPosition),
    deletedAt: p.datetime(3).nullable(),
    /** The title, the description and the labels in a folded form, one line each; the labels are separated by tabs. */
    search: p.text().default(''),
    /** False if `search` must be made again, because other code has changed the texts. */
    isFolded: p.boolean().default(false),
    /** The user's revision of the last write to this task. */
    revision: p.bigint('number').defaultRaw('0'),
  },
});

/** A task of one user. The primary key is the owner and the id. */
export class Task extends TaskSchema.class {}

TaskSchema.setClass(Task);

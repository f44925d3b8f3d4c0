import { defineEntity, p } from '@mikro-orm/core';
import { ownerPolicies } from './owner-policy.ts';
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
  },
});

/** A task of one user. The primary key is the owner and the id. */
export class Task extends TaskSchema.class {}

TaskSchema.setClass(Task);

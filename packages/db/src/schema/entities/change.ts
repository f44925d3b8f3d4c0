import { defineEntity, p } from '@mikro-orm/core';
import { ownerPolicies } from './owner-policy.ts';
import { User } from './user.ts';

export const ChangeSchema = defineEntity({
  name: 'Change',
  tableName: 'changes',
  rowLevelSecurity: 'force',
  policies: ownerPolicies('changes', 'user_id'),
  uniques: [
    {
      name: 'changes_operation_id',
      properties: ['user', 'operationId'],
      where: 'operation_id is not null',
    },
  ],
  checks: [{ name: 'changes_request_hash', expression: '(operation_id is null) = (request_hash is null)' }],
  properties: {
    user: () =>
      p
        .manyToOne(User)
        .primary()
        .fieldName('user_id')
        .foreignKeyName('changes_user_id')
        .deleteRule('cascade')
        .updateRule('no action'),
    revision: p.bigint('number').primary(),
    /** The ID that the client gave to this call. */
    operationId: p.uuid().nullable(),
    /** The first 8 bytes of SHA-256 of the procedure and its input without the operation ID. */
    requestHash: p.bigint('string').nullable(),
    at: p.datetime(3),
    taskIds: p.array().columnType('uuid[]').defaultRaw(`'{}'`),
    listIds: p.array().columnType('uuid[]').defaultRaw(`'{}'`),
  },
});

/** One write of a user: the tasks and lists that it changed. */
export class Change extends ChangeSchema.class {}

ChangeSchema.setClass(Change);

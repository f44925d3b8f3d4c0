import type { PolicyDef } from '@mikro-orm/core';
import { toolsRole } from '../roles.ts';

/**
 * The row-level security policies of a table whose rows belong to users. A row is visible to its owner and to the tools
 * role. If `app.user_id` is not set, no row is visible.
 */
export function ownerPolicies(table: string, ownerColumn: string): PolicyDef[] {
  const isOwner = `${ownerColumn} = nullif(current_setting('app.user_id', true), '')::uuid`;
  const isTools = `current_user = '${toolsRole}'`;
  return [
    { name: `${table}_owner`, using: isOwner, check: isOwner },
    // Without the condition, the policy would also apply to every role that inherits from the tools role, such as the owner.
    { name: `${table}_tools`, roles: [toolsRole], using: isTools, check: isTools },
  ];
}

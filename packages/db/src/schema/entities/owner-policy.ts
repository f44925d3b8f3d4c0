import type { PolicyDef } from '@mikro-orm/core';
import { toolsRole } from '../roles.ts';

/**
 * The policies of a table whose rows belong to users: a row is there for its owner, and for tools that took the role
 * made for them. Where no user is set, nothing is.
 */
export function ownerPolicies(table: string, ownerColumn: string): PolicyDef[] {
  const isOwner = `${ownerColumn} = nullif(current_setting('app.user_id', true), '')::uuid`;
  const isTools = `current_user = '${toolsRole}'`;
  return [
    { name: `${table}_owner`, using: isOwner, check: isOwner },
    // The policy alone would also serve every role that inherits the tools' rights, such as the one that migrates.
    { name: `${table}_tools`, roles: [toolsRole], using: isTools, check: isTools },
  ];
}

/** The role for all work of one user. It has no login and only rights on its tables, and every policy applies to it. */
export const appRole = 'holdfast_app';

/** The role for work across all users. The policies let it see every row. */
export const toolsRole = 'holdfast_tools';

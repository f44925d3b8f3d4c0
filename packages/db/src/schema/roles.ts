/** The role that everything done for one user runs as: no login, no rights but those on its tables, held by every policy. */
export const appRole = 'holdfast_app';

/** The role that work across all users runs as: the policies let it see every row. */
export const toolsRole = 'holdfast_tools';

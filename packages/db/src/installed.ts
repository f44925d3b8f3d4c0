/** Whether this is the installed package (compiled) and not the workspace (TypeScript sources). */
export const isInstalled = import.meta.filename.endsWith('.js');

/** The command line of this package, as messages and help texts show it. */
export const dbCommand = isInstalled ? 'holdfast-db' : 'pnpm db';

/** The same for output that another program reads: pnpm itself prints nothing. */
export const silentDbCommand = isInstalled ? dbCommand : 'pnpm --silent db';

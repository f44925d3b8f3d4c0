/** Whether this is the installed package (compiled) and not the workspace (TypeScript sources). */
export const isInstalled = import.meta.filename.endsWith('.js');

/** Whether this is the package as others install it, and not the workspace, whose sources run as they are. */
export const isInstalled = import.meta.filename.endsWith('.js');

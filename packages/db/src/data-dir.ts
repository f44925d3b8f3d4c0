import { fileURLToPath } from 'node:url';

/** The folder `.data` at the project's root, whatever folder a command is typed in. */
export const defaultDataDir = fileURLToPath(new URL('../../../.data', import.meta.url));

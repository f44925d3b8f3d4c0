import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder `.data` at the project's root, whatever folder a command is typed in; beside the command where installed. */
export const defaultDataDir = import.meta.filename.endsWith('.js')
  ? resolve('.data')
  : fileURLToPath(new URL('../../../.data', import.meta.url));

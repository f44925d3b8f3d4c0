import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder `.data` in the root of the repository. If the package is installed, `.data` in the working directory. */
export const defaultDataDir = import.meta.filename.endsWith('.js')
  ? resolve('.data')
  : fileURLToPath(new URL('../../../.data', import.meta.url));

export { findServerAccount } from './account.ts';
export { defaultDataDir } from './data-dir.ts';
export { EmbeddedPostgresError, type EmbeddedPostgresErrorCode } from './error.ts';
export { makeFolder } from './files.ts';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  hasEmbeddedPostgres,
  openEmbeddedPostgres,
} from './open.ts';
export { openScratchServer } from './scratch-server.ts';
export type { EmbeddedPostgresEvent } from './supervisor.ts';

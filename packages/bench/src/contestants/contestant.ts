import type { BenchDatabase } from '../data.ts';
import type { DialectName } from './dialect.ts';

/** A server that is measured. */
export interface Contestant {
  name: string;
  title: string;
  dialect: DialectName;
  /** The program, as Node runs it. */
  main: URL;
  /** For Node itself. */
  flags: string[];
  /** The login that it is given, and with it who keeps users apart. */
  login: keyof Pick<BenchDatabase, 'ownerUrl' | 'bypassUrl' | 'switchUrl'>;
  /** Settings beside those that all are given. */
  env: Record<string, string>;
  /** A folder with a package.json of its own, installed at first use; a workspace member has none. */
  folder: URL | null;
  /** What has to be run there once it is installed: a file below node_modules and its arguments. */
  generate?: { script: string; args: string[]; makes: string };
  words: Words;
}

/** What a reader has to know to compare fairly. */
export interface Words {
  isolation: string;
  validation: string;
  batching: string;
  tokens: string;
  setup: string;
}

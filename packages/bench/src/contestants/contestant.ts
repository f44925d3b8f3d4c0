import type { BenchDatabase } from '../data.ts';
import type { DialectName } from './dialect.ts';

/** A server that is measured. */
export interface Contestant {
  name: string;
  title: string;
  dialect: DialectName;
  /** The program that Node runs. */
  main: URL;
  /** Options of Node. */
  flags: string[];
  /** The database login. It decides whether the database or the contestant isolates users. */
  login: keyof Pick<BenchDatabase, 'ownerUrl' | 'bypassUrl' | 'switchUrl'>;
  /** Environment variables in addition to those of all contestants. */
  env: Record<string, string>;
  /** A folder with a package.json that is installed at first use; null for a workspace member. */
  folder: URL | null;
  /** A code generator that runs after the installation: a file below node_modules, its arguments and its output. */
  generate?: { script: string; args: string[]; makes: string };
  notes: Notes;
}

/** Facts that a reader needs for a fair comparison. */
export interface Notes {
  isolation: string;
  validation: string;
  batching: string;
  tokens: string;
  setup: string;
}

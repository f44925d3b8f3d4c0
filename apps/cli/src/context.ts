import type { Credentials } from './credentials.ts';
import type { Output } from './output.ts';

/** What a command has of the world. */
export interface Context {
  env: Record<string, string | undefined>;
  /** Of `--server`. */
  givenServer: string | undefined;
  /** The one that the command has come to use, for whoever tells of its end. */
  server?: string;
  credentials: Credentials;
  output: Output;
  /** Aborted with Ctrl+C. */
  signal: AbortSignal;
  /** Whether somebody is there to be asked. */
  canAsk: boolean;
}

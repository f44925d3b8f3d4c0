import type { Logins } from './server/logins.ts';
import type { Output } from './terminal/output.ts';

/** The environment of a command. */
export interface Context {
  env: Record<string, string | undefined>;
  /** Value of `--server`. */
  givenServer: string | undefined;
  /** The server that the command uses, for error messages. */
  server?: string;
  logins: Logins;
  output: Output;
  /** Aborted by Ctrl+C. */
  signal: AbortSignal;
  /** True if stdin and stderr are a terminal. */
  canPrompt: boolean;
}

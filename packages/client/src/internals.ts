import type { TokenSource } from './session/token-source.ts';

/** The parts of a client that other entry points of this package use. */
export interface Internals {
  /** URL of the server. */
  base: string;
  tokens: TokenSource;
  /** Returns the session, if the client has Holdfast's sign-in. */
  loadSession?: () => Promise<string | null>;
  /** Returns the user of a session, if the client can know it without a request. */
  readUserId?: ((session: string) => string | undefined) | undefined;
  /**
   * Functions to call when the user signs out, before the listeners of the session, by the name of the local data. They get the
   * generation of the tokens before.
   */
  onSignOut: Map<string, (generation: number) => Promise<void>>;
}

const key = Symbol.for('@holdfast/client');

export const withInternals = <Client extends object>(client: Client, internals: Internals): Client =>
  Object.assign(client, { [key]: internals });

/** @throws TypeError if the value is not a client of `createClient`. */
export function readInternals(client: object): Internals {
  const internals = (client as { [key]?: Internals })[key];
  if (internals) return internals;
  throw new TypeError('The first argument is not a client. Pass the result of createClient().');
}

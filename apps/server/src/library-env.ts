/**
 * Variables with which libraries would change Holdfast behind its settings: trusted origins and secrets of the sign-in
 * library, MikroORM's configuration, and node-postgres' defaults for everything that a URL leaves out.
 */
const names = /^(?:(?:\w+_)?BETTER_AUTH_\w+|MIKRO_ORM_\w+|NODE_PG_\w+|PG[A-Z]+)$/i;

/** These only supply a password for a URL without one. */
const passwords = new Set(['PGPASSWORD', 'PGPASSFILE']);

/** Removes the variables of libraries. Call it before the libraries are used. */
export function removeLibraryVariables(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(env)) if (names.test(name) && !passwords.has(name)) delete env[name];
}

/** The issuer of the user's tokens decides the name, because the user has no account in the built-in sign-in. */
export class ForeignNameError extends Error {
  override readonly name = 'ForeignNameError';
  readonly code = 'FOREIGN_NAME';
  constructor() {
    super('name: Your sign-in service manages your name. Change it there.');
  }
}

/**
 * Why a command for a user failed.
 * - `USER_NOT_FOUND`, `USER_AMBIGUOUS`: no user or several users match.
 * - `NO_ACCOUNT`: another issuer has the account of the user.
 * - `NOT_CONFIRMED`: the operator did not confirm the command.
 * - `EXPORT_NOT_WRITTEN`: the file system returned an error.
 */
type AccountErrorCode = 'USER_NOT_FOUND' | 'USER_AMBIGUOUS' | 'NO_ACCOUNT' | 'NOT_CONFIRMED' | 'EXPORT_NOT_WRITTEN';

/** A command for a user failed. The message states the problem and the fix, for the operator. */
export class AccountError extends Error {
  override readonly name = 'AccountError';
  readonly code: AccountErrorCode;

  constructor(code: AccountErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

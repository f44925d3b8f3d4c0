import { twoFactor } from 'better-auth/plugins';

/** The library's second factor: secrets, backup codes, the second step of a sign-in, and trusted browsers. */
export const createLibraryTwoFactor = () =>
  twoFactor({
    issuer: 'Holdfast',
    // Seconds for the second step, and for which a browser needs no code.
    twoFactorCookieMaxAge: 10 * 60,
    trustDeviceMaxAge: 30 * 86_400,
    // Wrong codes after the right password. Besides, each sign-in has five attempts.
    accountLockout: { maxFailedAttempts: 10, durationSeconds: 15 * 60 },
    schema: {
      twoFactor: {
        modelName: 'two_factors',
        fields: {
          userId: 'user_id',
          backupCodes: 'backup_codes',
          verified: 'is_verified',
          failedVerificationCount: 'failed_count',
          lockedUntil: 'locked_until',
        },
      },
    },
  });

import { toNamedError } from '../connection/driver-error.ts';
import type { AuthStore } from '../stores/auth-store.ts';

export interface EndedCounts {
  sessions: number;
  tokens: number;
}

/**
 * Ends all sessions of a user, and the API tokens too if `withTokens` is true, in one transaction. Running servers refuse the session
 * tokens at once, and the other credentials after at most 60 seconds.
 */
export async function endAccess(
  { kysely }: AuthStore,
  userId: string,
  { withTokens }: { withTokens: boolean },
): Promise<EndedCounts> {
  try {
    return await kysely.transaction().execute(async (transaction) => {
      const sessions = await transaction.deleteFrom('session').where('userId', '=', userId).executeTakeFirst();
      if (!withTokens) return { sessions: Number(sessions.numDeletedRows), tokens: 0 };
      const tokens = await transaction.deleteFrom('api_tokens').where('user_id', '=', userId).executeTakeFirst();
      return { sessions: Number(sessions.numDeletedRows), tokens: Number(tokens.numDeletedRows) };
    });
  } catch (error) {
    throw toNamedError(error);
  }
}

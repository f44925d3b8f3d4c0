import { openAuthStore } from '@holdfast/db';
import { afterAll } from 'vitest';
import { post, signUp } from '../fixture.ts';

export { bearer, elsewhere } from '../auth/api-token-fixture.ts';

export const subjects = {
  reset: /^Set a new password/,
  verification: /^Confirm your email/,
  change: /^Confirm your new email/,
  taken: /has a Holdfast account/,
  takenSignUp: /have a Holdfast account already/,
  finish: /^Finish your/,
  notice: /may get another/,
  changed: /has another/,
};

/** Requests of people to the sign-in routes of a server. */
export function createPeople(url: string) {
  const send = (path: string, body: object, headers: Record<string, string> = {}) =>
    post(`${url}/api/auth/${path}`, body, headers);
  return {
    send,
    async join() {
      const email = `${crypto.randomUUID()}@example.org`;
      return { email, ...(await signUp(url, email)) };
    },
    /** The status and body of a request. */
    async ask(path: string, body: object, headers: Record<string, string> = {}) {
      const response = await send(path, body, headers);
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    async canSignIn(email: string, password: string): Promise<boolean> {
      return (await send('sign-in/email', { email, password })).status === 200;
    },
    async account(headers: Record<string, string> = {}) {
      return (await (await fetch(`${url}/api/auth/account`, { headers })).json()) as Record<string, unknown>;
    },
  };
}

/** Changes the tables of the sign-in. */
export function openTables(databaseUrl: string) {
  const store = openAuthStore({ url: databaseUrl });
  afterAll(() => store.close());
  return {
    kysely: store.kysely,
    async expireLinks(userId: string): Promise<void> {
      await store.kysely
        .updateTable('verification')
        .set({ expiresAt: new Date(Date.now() - 1000) })
        .where('value', 'like', `${userId}%`)
        .execute();
    },
  };
}

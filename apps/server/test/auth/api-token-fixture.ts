import { expect } from 'vitest';
import { post } from '../fixture.ts';

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

export interface StoredToken {
  id: string;
  name: string;
  scope: string;
  createdAt: string;
  lastUsedAt: string | null;
  expiresAt: string | null;
}

let clients = 0;

/** The header of a client with an address of its own, since each address has its own limits. */
export const elsewhere = () => ({ 'x-forwarded-for': `10.0.${(clients += 1) >> 8}.${clients & 255}` });

/** The token routes of a server, called with a session token. */
export function createTokenCalls(url: string) {
  const send = (path: string, body: object, headers: Record<string, string>) =>
    post(`${url}/api/auth/${path}`, body, { ...elsewhere(), ...headers });
  return {
    send,
    async create(session: string, input: object = {}): Promise<StoredToken & { token: string }> {
      const response = await send('create-token', { name: 'Script', scope: 'write', ...input }, bearer(session));
      expect(response.status).toBe(200);
      return (await response.json()) as StoredToken & { token: string };
    },
    async list(session: string): Promise<StoredToken[]> {
      const response = await fetch(`${url}/api/auth/list-tokens`, { headers: bearer(session) });
      expect(response.status).toBe(200);
      return (await response.json()) as StoredToken[];
    },
    async revoke(session: string, id: string): Promise<number> {
      return (await send('revoke-token', { id }, bearer(session))).status;
    },
  };
}

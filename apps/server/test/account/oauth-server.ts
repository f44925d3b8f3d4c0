import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SignJWT } from 'jose';
import { afterAll, vi } from 'vitest';

/** A person at Google or GitHub. */
export interface Person {
  id: string;
  email: string;
  isVerified: boolean;
  name?: string | undefined;
}

export const clientId = 'client of the tests';
export const clientSecret = 'secret of the tests';

/** Settings of a server that uses the providers. */
export const providerEnv = {
  // Only requests of the test's process reach the OAuth endpoints of the test.
  WORKERS: '1',
  GOOGLE_CLIENT_ID: clientId,
  GOOGLE_CLIENT_SECRET: clientSecret,
  GITHUB_CLIENT_ID: clientId,
  GITHUB_CLIENT_SECRET: clientSecret,
};

const hosts = new Set(['accounts.google.com', 'oauth2.googleapis.com', 'github.com', 'api.github.com']);

interface Grant {
  person: Person;
  redirectUri: string;
  challenge: string | null;
}

/**
 * The OAuth endpoints of Google and GitHub, as an HTTP server. Requests of this process to these hosts reach it, since a test must
 * not depend on the internet.
 */
export async function openOAuthServer() {
  const grants = new Map<string, Grant>();
  const problems: string[] = [];
  let isDown = false;

  async function exchange(req: IncomingMessage, isGoogle: boolean): Promise<object> {
    const body = new URLSearchParams(await text(req));
    const grant = grants.get(body.get('code') ?? '');
    grants.delete(body.get('code') ?? '');
    const isRight =
      grant !== undefined &&
      body.get('client_id') === clientId &&
      body.get('client_secret') === clientSecret &&
      body.get('redirect_uri') === grant.redirectUri &&
      (grant.challenge === null || (await toChallenge(body.get('code_verifier') ?? '')) === grant.challenge);
    if (!isRight) return { error: 'invalid_grant' };
    const { person } = grant;
    if (!isGoogle) return { access_token: JSON.stringify(person), token_type: 'bearer' };
    const { id: sub, email, isVerified, name } = person;
    const token = new SignJWT({ email, email_verified: isVerified, name });
    const signed = token.setProtectedHeader({ alg: 'HS256' }).setSubject(sub).setAudience(clientId);
    const key = new TextEncoder().encode('a key that no one verifies, since TLS does');
    return { access_token: 'access', id_token: await signed.sign(key), token_type: 'bearer' };
  }

  const endpoints: Record<string, (req: IncomingMessage) => Promise<unknown>> = {
    'POST oauth2.googleapis.com/token': (req) => exchange(req, true),
    'POST github.com/login/oauth/access_token': (req) => exchange(req, false),
    'GET api.github.com/user': async (req) => {
      const { id, name } = readPerson(req);
      return { id, login: `user${id}`, name, email: null };
    },
    'GET api.github.com/user/emails': async (req) => {
      const { email, isVerified } = readPerson(req);
      return [
        { email: 'other@example.org', primary: false, verified: true },
        { email, primary: true, verified: isVerified },
      ];
    },
  };

  const server = createServer((req, res) => {
    async function respond(): Promise<void> {
      const path = `${req.method} ${req.url!.slice(1).split('?')[0]}`;
      const endpoint = endpoints[path];
      if (endpoint === undefined) problems.push(path);
      const content = await endpoint?.(req);
      const status = isDown ? 503 : content === undefined ? 404 : (content as { error?: string }).error ? 400 : 200;
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(isDown ? {} : content));
    }
    void respond();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const original = globalThis.fetch;
  vi.stubGlobal('fetch', (input: string | URL | Request, init?: RequestInit) => {
    const url = input instanceof Request ? null : new URL(input);
    return url !== null && hosts.has(url.hostname)
      ? original(`${base}/${url.hostname}${url.pathname}`, init)
      : original(input, init);
  });
  afterAll(() => {
    vi.unstubAllGlobals();
    server.close();
  });

  return {
    /** Requests that no endpoint has handled. */
    problems,
    setDown: (value: boolean) => void (isDown = value),
    /** The provider's page: the person agrees, and the browser goes to the returned address. */
    agree(page: string, person: Person): string {
      const { hostname, searchParams } = new URL(page);
      if (!hosts.has(hostname)) throw new Error(`not a page of a provider: ${page}`);
      if (searchParams.get('client_id') !== clientId) throw new Error('another client');
      const code = crypto.randomUUID();
      const redirectUri = searchParams.get('redirect_uri')!;
      grants.set(code, { person, redirectUri, challenge: searchParams.get('code_challenge') });
      const query = new URLSearchParams({ code, state: searchParams.get('state')! });
      return `${redirectUri}?${query.toString()}`;
    },
    /** The provider's page: the person refuses. */
    refuse(page: string): string {
      const { searchParams } = new URL(page);
      const query = new URLSearchParams({ error: 'access_denied', state: searchParams.get('state')! });
      return `${searchParams.get('redirect_uri')}?${query.toString()}`;
    },
  };
}

const readPerson = (req: IncomingMessage) =>
  JSON.parse((req.headers.authorization ?? '').replace(/^bearer /i, '')) as Person;

async function toChallenge(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  return Buffer.from(digest).toString('base64url');
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll } from 'vitest';
import { openServer } from './fixture.ts';

/** Starts a server that trusts an issuer of the test. Returns its URLs and a function that issues tokens. */
export async function openServerWithIssuer() {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }];
  const issuer = createServer((_req, res) => {
    res.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
  }).listen(0, '127.0.0.1');
  afterAll(() => issuer.close());
  await once(issuer, 'listening');
  const origin = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
  const { url, databaseUrl } = await openServer({
    AUTH_ISSUER: origin,
    AUTH_AUDIENCE: 'tasks',
    AUTH_JWKS_URL: `${origin}/keys`,
  });
  const issue = (lifeSeconds: number) =>
    new SignJWT({ sub: 'ada' })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setIssuer(origin)
      .setAudience('tasks')
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1000) + lifeSeconds)
      .sign(privateKey);
  return { url, databaseUrl, issue };
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { toUserId } from './identities.ts';

/** The token issuer that all contestants trust. */
export interface Issuer {
  /** Settings that make a server trust this issuer. */
  env: Record<'AUTH_ISSUER' | 'AUTH_AUDIENCE' | 'AUTH_JWKS_URL' | 'AUTH_ISSUER_USES_UUIDS', string>;
  /** Tokens of the first `count` users, in order of user number. They are valid for one day. */
  mint(count: number): Promise<string[]>;
  close(): void;
}

/** Creates an EdDSA key pair and serves the public key. */
export async function openIssuer(): Promise<Issuer> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  const header = { alg: 'EdDSA', kid: 'bench' };
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), ...header, use: 'sig' }] });
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(keys);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sign = (user: number) =>
    new SignJWT({ email: `user-${user}@example.org`, name: `User ${user}` })
      .setProtectedHeader(header)
      .setSubject(toUserId(user))
      .setIssuer(url)
      .setAudience('holdfast-bench')
      .setIssuedAt()
      .setExpirationTime('1d')
      .sign(privateKey);
  return {
    env: {
      AUTH_ISSUER: url,
      AUTH_AUDIENCE: 'holdfast-bench',
      AUTH_JWKS_URL: `${url}/jwks`,
      AUTH_ISSUER_USES_UUIDS: 'true',
    },
    mint: (count) => Promise.all(Array.from({ length: count }, (_, user) => sign(user))),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

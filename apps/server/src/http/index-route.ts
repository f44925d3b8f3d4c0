import type { RequestHandler } from 'express';
import { procedures } from '../request/routes.ts';
import { readVersion } from '../telemetry/version.ts';

export interface IndexRouteOptions {
  publicUrl: string;
  hasSignIn: boolean;
}

/** `GET /`: lists the procedures and routes. */
export function createIndexRoute({ publicUrl, hasSignIn }: IndexRouteOptions): RequestHandler {
  const index = {
    name: 'Holdfast',
    version: readVersion(),
    procedures: Object.fromEntries(procedures),
    links: {
      procedures: `${publicUrl}/trpc/<procedure>`,
      ...(hasSignIn && {
        signUp: `${publicUrl}/api/auth/sign-up/email`,
        signIn: `${publicUrl}/api/auth/sign-in/email`,
        signOut: `${publicUrl}/api/auth/sign-out`,
        token: `${publicUrl}/api/auth/token`,
        account: `${publicUrl}/api/auth/account`,
        keys: `${publicUrl}/api/auth/jwks`,
      }),
      live: `${publicUrl}/livez`,
      ready: `${publicUrl}/readyz`,
      metrics: `${publicUrl}/metrics`,
    },
  };
  return (_req, res) => {
    res.json(index);
  };
}

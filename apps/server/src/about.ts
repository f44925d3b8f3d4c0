import { readFileSync } from 'node:fs';
import { appRouter } from '@holdfast/api';
import type { RequestHandler } from 'express';

export interface AboutOptions {
  publicUrl: string;
  hasSignIn: boolean;
}

/** `GET /`: what is here. */
export function createAbout({ publicUrl, hasSignIn }: AboutOptions): RequestHandler {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>);
  const about = {
    name: 'Holdfast',
    version,
    procedures: Object.fromEntries(procedures.map(([name, { _def }]) => [name, _def.type])),
    links: {
      procedures: `${publicUrl}/trpc/<procedure>`,
      ...(hasSignIn && {
        signUp: `${publicUrl}/api/auth/sign-up/email`,
        signIn: `${publicUrl}/api/auth/sign-in/email`,
        signOut: `${publicUrl}/api/auth/sign-out`,
        token: `${publicUrl}/api/auth/token`,
        keys: `${publicUrl}/api/auth/jwks`,
      }),
      live: `${publicUrl}/livez`,
      ready: `${publicUrl}/readyz`,
    },
  };
  return (_req, res) => {
    res.json(about);
  };
}

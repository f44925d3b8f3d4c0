import { TRPCError } from '@trpc/server';
import type { RequestHandler } from 'express';
import { procedures } from '../request/routes.ts';
import { readVersion } from '../telemetry/version.ts';
import type { WebApp } from '../web/app.ts';
import { referencePath } from '../web/files.ts';
import { prefersPage } from '../web/route.ts';

export interface IndexRouteOptions {
  publicUrl: string;
  hasSignIn: boolean;
  webApp: WebApp;
}

/** `GET /`: lists the procedures and routes. If there is no web app, a browser gets the reason. */
export function createIndexRoute({ publicUrl, hasSignIn, webApp }: IndexRouteOptions): RequestHandler {
  const index = {
    name: 'Holdfast',
    version: readVersion(),
    procedures: Object.fromEntries(procedures),
    links: {
      ...(webApp.files && { app: `${publicUrl}/` }),
      procedures: `${publicUrl}/trpc/<procedure>`,
      rest: `${publicUrl}/api/v1`,
      mcp: `${publicUrl}/mcp`,
      openApi: `${publicUrl}/openapi.json`,
      ...(webApp.files?.has(referencePath) && { reference: `${publicUrl}/docs` }),
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
  return (req, res) => {
    res.vary('accept');
    if (webApp.problem !== null && prefersPage(req))
      throw new TRPCError({ code: 'NOT_FOUND', message: webApp.problem });
    res.json(index);
  };
}

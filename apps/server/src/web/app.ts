import { readWebFiles, type WebFiles, webFolder } from './files.ts';

/** The web app, or the reason why this server does not serve it. */
export type WebApp = { files: WebFiles; problem: null } | { files: null; problem: string };

export const notBuilt: WebApp = {
  files: null,
  problem: 'The web app is not built. Run `pnpm build`, and restart the server.',
};

export interface WebAppOptions {
  isOn: boolean;
  /** Whether another issuer signs users in. */
  isIssuerExternal: boolean;
  /** Default: the build in this checkout. */
  folder?: string;
}

/** Reads the built web app if this server can serve it. */
export async function openWebApp({ isOn, isIssuerExternal, folder = webFolder }: WebAppOptions): Promise<WebApp> {
  if (!isOn) return { files: null, problem: 'The web app is switched off. Set WEB_APP=true to serve it.' };
  if (isIssuerExternal) {
    return { files: null, problem: 'The web app needs the built-in sign-in. Unset AUTH_ISSUER to serve it.' };
  }
  const files = await readWebFiles(folder);
  return files === null ? notBuilt : { files, problem: null };
}

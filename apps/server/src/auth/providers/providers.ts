import type { BetterAuthOptions } from 'better-auth';

/** The providers with which users can sign in. */
export const providerNames = ['google', 'github'] as const;
export type ProviderName = (typeof providerNames)[number];

/** An app that is registered at a provider. */
export interface ProviderApp {
  clientId: string;
  clientSecret: string;
}

export type Providers = { readonly [Name in ProviderName]?: ProviderApp | undefined };

/** The providers that are set up. */
export const listProviders = (providers: Providers): ProviderName[] =>
  providerNames.filter((name) => providers[name] !== undefined);

const nameMax = 200;

interface Profile {
  name?: string | null;
  login?: string;
  email?: string | null;
}

/** Some people have no name at the provider. */
function toName({ name, login, email }: Profile): { name: string } {
  const found = [name, login, email?.split('@', 1)[0]].find((text) => text?.trim());
  return { name: (found ?? 'User').trim().slice(0, nameMax) };
}

const toOptions = ({ clientId, clientSecret }: ProviderApp) => ({
  clientId,
  clientSecret,
  mapProfileToUser: toName,
  // The tokens of other apps are of no use here.
  disableIdTokenSignIn: true,
});

/** The options of the library for sign-ins with providers. */
export function toProviderOptions(providers: Providers) {
  return {
    socialProviders: Object.fromEntries(listProviders(providers).map((name) => [name, toOptions(providers[name]!)])),
    account: {
      // Only with an address that both sides have confirmed: no provider is trusted beyond that.
      accountLinking: { enabled: true, trustedProviders: [] },
      updateAccountOnSignIn: false,
    },
  } satisfies BetterAuthOptions;
}

type ValidateUserInfo = NonNullable<NonNullable<BetterAuthOptions['user']>['validateUserInfo']>;

/** An address that its owner has not confirmed at the provider can be that of another person. */
export const assertConfirmedAddress: ValidateUserInfo = ({ user, source }) =>
  source.method === 'oauth' && user.emailVerified !== true ? { error: 'email_not_verified' } : undefined;

/** The tokens of a provider are of no use after the sign-in, so they are not stored. */
export async function withoutProviderTokens(account: object) {
  const tokens = { accessToken: null, refreshToken: null, idToken: null };
  return { data: { ...account, ...tokens, accessTokenExpiresAt: null, refreshTokenExpiresAt: null, scope: null } };
}

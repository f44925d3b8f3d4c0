import { expect, test } from 'vitest';
import { parseEnv } from '../../src/env.ts';

const findProblems = (env: Record<string, string>) => {
  try {
    parseEnv(env);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

test.each(['GOOGLE', 'GITHUB'])(
  'the ID and the secret of %s belong together, and need PUBLIC_URL in production',
  (provider) => {
    const [id, secret] = [`${provider}_CLIENT_ID`, `${provider}_CLIENT_SECRET`];
    const both = { [id]: 'client', [secret]: 'secret' };
    const app = { clientId: 'client', clientSecret: 'secret' };
    expect(parseEnv(both).providers).toEqual({
      google: provider === 'GOOGLE' ? app : undefined,
      github: provider === 'GITHUB' ? app : undefined,
    });
    for (const alone of [{ [id]: 'client' }, { [secret]: 'secret' }]) {
      expect(findProblems(alone)).toContain(`${id} and ${secret} must be set together`);
    }
    const production = { NODE_ENV: 'production', AUTH_SECRET: 'x'.repeat(32), ...both };
    expect(findProblems(production)).toContain(`PUBLIC_URL must be set if ${id} is set`);
    const issuer = 'https://issuer.example.org';
    const external = { AUTH_ISSUER: issuer, AUTH_AUDIENCE: 'tasks', AUTH_JWKS_URL: `${issuer}/keys`, ...both };
    expect(findProblems(external)).toContain(`${id} must not be set with AUTH_ISSUER`);
  },
);

import { createConfig, lintFromString } from '@redocly/openapi-core';

/** Lints a document with the recommended rules of Redocly, and returns the problems. */
export async function lint(source: string): Promise<string[]> {
  const config = await createConfig({
    extends: ['recommended-strict'],
    rules: {
      // The address depends on the installation.
      'no-server-example.com': 'off',
      // A server has one host, so that a relative address is right.
      'info-license': 'error',
      'no-invalid-media-type-examples': 'error',
      'no-invalid-schema-examples': 'error',
      // `/tasks/count` and `/tasks/{id}`: an ID is a UUID.
      'no-ambiguous-paths': 'off',
    },
  });
  const found = await lintFromString({ source, config });
  return found.map(({ ruleId, message, location }) => `${ruleId}: ${message} (${location[0]?.pointer ?? ''})`);
}

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseEnv } from '../src/env.ts';
import { toHttpUrl } from '../src/request/http-url.ts';
import { countWorkers } from '../src/workers/count.ts';

const findProblems = (env: Record<string, string>) => {
  try {
    parseEnv(env);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

test('every setting is optional', () => {
  expect(parseEnv({})).toMatchObject({
    host: '127.0.0.1',
    port: 3000,
    trustedOrigins: [],
    poolMax: 10,
    trashDays: 30,
    livePollMs: 1000,
    workers: 1,
  });
  expect(parseEnv({}).dataDir).toMatch(/\.data$/);
});

test('an empty variable counts as not set', () => {
  expect(parseEnv({ PORT: '', AUTH_SECRET: ' ', AUTH_ISSUER: '', LOG_LEVEL: '' })).toEqual(parseEnv({}));
});

test('all problems are reported together, without the values', () => {
  const message = findProblems({
    NODE_ENV: 'production',
    DATABASE_URL: 'mysql://root:hunter2@host/db',
    HOLDFAST_DATA_DIR: fileURLToPath(import.meta.url),
    PORT: '70000',
    PUBLIC_URL: 'https://tasks.example.org/path',
    AUTH_ISSUER: 'https://issuer.example.org',
    AUTH_JWKS_URL: 'http://issuer.example.org/jwks',
    TRUSTED_ORIGINS: 'https://app.example.org, *',
    TRUST_PROXY: 'yes',
    LOG_LEVEL: 'loud',
    DATABASE_POOL_MAX: '0',
    SLOW_QUERY_MS: '-1',
    METRICS_TOKEN: 'hunter2',
    RATE_LIMIT_PER_MINUTE: 'many',
    RATE_LIMIT_STORE: 'redis',
    TRASH_DAYS: '-30',
    LIVE_POLL_MS: '1s',
    WORKERS: 'all',
    SESSION_DAYS: '0',
    SMTP_URL: 'https://ada:hunter2@mail.example.org',
    SIGN_UP_CONFIRMATION: 'yes',
    OTEL_TRACES_EXPORTER: 'console',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_TRACES_SAMPLER: 'sometimes',
    OTEL_TRACES_SAMPLER_ARG: '2',
  });
  expect(message.split('\n')).toEqual([
    'These settings are not valid. Correct them and start again:',
    expect.stringMatching('- DATABASE_URL: The database URL must look like postgresql://'),
    expect.stringMatching('- HOLDFAST_DATA_DIR: must be a folder'),
    expect.stringMatching('- PORT: must be a whole number from 0 to 65535'),
    expect.stringMatching('- PUBLIC_URL: must be an origin'),
    expect.stringMatching('- AUTH_JWKS_URL: must be an https URL'),
    expect.stringMatching('- TRUSTED_ORIGINS: must be origins'),
    expect.stringMatching('- TRUST_PROXY: must be a whole number'),
    expect.stringMatching('- LOG_LEVEL: must be one of'),
    expect.stringMatching('- DATABASE_POOL_MAX: must be a whole number from 1'),
    expect.stringMatching('- SLOW_QUERY_MS: must be a whole number from 0'),
    expect.stringMatching('- METRICS_TOKEN: must have 16 characters or more'),
    expect.stringMatching('- RATE_LIMIT_PER_MINUTE: must be a whole number from 0'),
    expect.stringMatching('- RATE_LIMIT_STORE: must be one of'),
    expect.stringMatching('- TRASH_DAYS: must be a whole number from 0 to 36500'),
    expect.stringMatching('- LIVE_POLL_MS: must be a whole number from 0 to 600000'),
    expect.stringMatching('- WORKERS: must be auto or a whole number from 1 to 256'),
    expect.stringMatching('- SESSION_DAYS: must be a whole number from 1 to 3650'),
    expect.stringMatching('- SMTP_URL: must look like smtp://user:password@host:587 or smtps://user:password@host'),
    expect.stringMatching('- SIGN_UP_CONFIRMATION: must be one of'),
    expect.stringMatching('- OTEL_TRACES_EXPORTER: must be one of'),
    expect.stringMatching('- OTEL_EXPORTER_OTLP_ENDPOINT: must be an http or https URL'),
    expect.stringMatching('- OTEL_EXPORTER_OTLP_PROTOCOL: must be one of'),
    expect.stringMatching('- OTEL_TRACES_SAMPLER: must be one of'),
    expect.stringMatching('- OTEL_TRACES_SAMPLER_ARG: must be a number from 0 to 1'),
    expect.stringMatching('- AUTH_AUDIENCE must be set too'),
    expect.stringMatching('- AUTH_SECRET must be set with NODE_ENV=production'),
    '  - SMTP_URL and MAIL_FROM must be set together',
  ]);
  expect(message).not.toContain('hunter2');
});

test('a data folder may be missing, and a data folder below a file is rejected', () => {
  const here = fileURLToPath(new URL('.', import.meta.url));
  expect(parseEnv({ HOLDFAST_DATA_DIR: `${here}not/made/yet` }).dataDir).toBe(`${here}not/made/yet`);
  expect(parseEnv({ HOLDFAST_DATA_DIR: here })).toMatchObject({ dataDir: here.slice(0, -1) });
  for (const dir of [`${fileURLToPath(import.meta.url)}/below`, `${here}${'x'.repeat(300)}`]) {
    expect(findProblems({ HOLDFAST_DATA_DIR: dir, PORT: 'abc' })).toMatch(/- HOLDFAST_DATA_DIR: .*\n.*- PORT: /);
  }
});

test('an unusable database URL is reported together with the other problems', () => {
  const remote = 'postgres://ada:hunter2@db.example.org';
  for (const [url, problem] of [
    [remote, 'must look like postgresql://'],
    [`${remote}/tasks?sslmode=disable`, 'sslmode=disable would send'],
    [`${remote}/tasks?sslrootcert=/nope`, 'sslrootcert'],
  ] as const) {
    const message = findProblems({ DATABASE_URL: url, DATABASE_URL_UNPOOLED: url, PORT: 'abc' });
    expect(message).toMatch(/- DATABASE_URL: .*\n.*- DATABASE_URL_UNPOOLED: .*\n.*- PORT: /);
    expect(message).toContain(problem);
    expect(message).not.toContain('hunter2');
  }
});

test('a short secret is rejected, and the message does not contain it', () => {
  const message = findProblems({ AUTH_SECRET: 'too-short-a-secret' });
  expect(message).toContain('AUTH_SECRET: must have 32 characters');
  expect(message).not.toContain('too-short');
});

test('an IPv6 host is in brackets in a URL', () => {
  expect(toHttpUrl('::1', 3000)).toBe('http://[::1]:3000');
});

test('tracing is on only with an exporter or an endpoint, and can be turned off', () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' };
  expect(parseEnv({}).tracing).toBeNull();
  expect(parseEnv(endpoint).tracing).toEqual({ sampler: 'parentbased_always_on', ratio: 1 });
  expect(parseEnv({ OTEL_TRACES_EXPORTER: 'otlp' }).tracing).not.toBeNull();
  expect(parseEnv({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' }).tracing).toBeNull();
  expect(parseEnv({ ...endpoint, OTEL_SDK_DISABLED: 'true' }).tracing).toBeNull();
  expect(
    parseEnv({ ...endpoint, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' }).tracing,
  ).toEqual({ sampler: 'traceidratio', ratio: 0.1 });
});

test('origins with wildcards, paths or other schemes are refused', () => {
  for (const origin of [
    '*',
    'https://*',
    'https://*.example.org',
    'https://app.*',
    'https://?.example.org',
    'http://**',
    'https://app.example.org/path',
    'https://app.example.org?x',
    'https://app.example.org#x',
    'https://user@app.example.org',
    'ws://app.example.org',
    'file:///',
    'chrome-extension://abc',
    'null',
    'app.example.org',
    'https://app.example.org,',
    'https://APP.example.org',
    'https://app.example.org:443',
  ]) {
    expect(findProblems({ TRUSTED_ORIGINS: origin }), origin).toContain('TRUSTED_ORIGINS: must be origins');
    if (!origin.endsWith(','))
      expect(findProblems({ PUBLIC_URL: origin }), origin).toContain('PUBLIC_URL: must be an origin');
  }
  const trusted = ['https://app.example.org', 'http://localhost:5173', 'http://[::1]:3000', 'http://my_app'];
  expect(parseEnv({ TRUSTED_ORIGINS: trusted.join(', ') }).trustedOrigins).toEqual(trusted);
});

test.each([
  ['production\r', 'NODE_ENV: must not contain control characters such as line breaks, but is "production\\r"'],
  ['"production"', 'NODE_ENV: must not be in quotation marks, but is "\\"production\\""'],
  ["'production'", 'NODE_ENV: must not be in quotation marks, but is "\'production\'"'],
  ['Production', 'NODE_ENV: must be one of "development"|"production"|"test", but is "Production"'],
  [' production', 'NODE_ENV: must be one of "development"|"production"|"test", but is " production"'],
  ['prod', 'NODE_ENV: must be one of "development"|"production"|"test", but is "prod"'],
  [' ', 'NODE_ENV: must be one of "development"|"production"|"test", but is " "'],
])('NODE_ENV %j is refused, and the message shows the exact value', (value, problem) => {
  expect(findProblems({ NODE_ENV: value })).toContain(`  - ${problem}`);
});

test('every setting refuses quotation marks and control characters, and only listed values are shown', () => {
  const page = readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8');
  const names = [...page.matchAll(/^#([A-Z_]+)=/gm)].map(([, name]) => name!);
  expect(names).toContain('AUTH_SECRET');
  const secret = 'hunter2hunter2hunter2hunter2hunter2';
  for (const name of names) {
    for (const [value, problem] of [
      [`"${secret}"`, 'must not be in quotation marks'],
      [`'${secret}'`, 'must not be in quotation marks'],
      [`${secret}\r`, 'must not contain control characters'],
      [`${secret}\n`, 'must not contain control characters'],
    ] as const) {
      expect(findProblems({ [name]: value })).toContain(`  - ${name}: ${problem}`);
      const isShown = /^(?:LOG_LEVEL|RATE_LIMIT_STORE|OTEL_TRACES_SAMPLER)$/.test(name);
      expect([name, findProblems({ [name]: value }).includes(secret)]).toEqual([name, isShown]);
    }
  }
});

test.each([
  ['LOG_LEVEL', 'INFO'],
  ['LOG_LEVEL', 'info '],
  ['RATE_LIMIT_STORE', 'Memory'],
  ['OTEL_TRACES_EXPORTER', 'console'],
  ['OTEL_SDK_DISABLED', 'yes'],
  ['OTEL_TRACES_SAMPLER', 'always_on '],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
])('%s=%s is refused, and the message shows the value', (name, value) => {
  expect(findProblems({ [name]: value })).toMatch(new RegExp(`- ${name}: must be one of .*, but is "${value}"`));
});

test('SMTP_URL and MAIL_FROM accept the forms of mail programs, and refuse all others', () => {
  const [SMTP_URL, MAIL_FROM] = ['smtp://mail.example.org', 'tasks@example.org'];
  for (const url of [
    SMTP_URL,
    'smtp://ada:hunter2@mail.example.org:587',
    'smtps://ada%40example.org:hunter2@mail.example.org',
    'smtp://relay:25?ignoreTLS=true',
    'smtp://127.0.0.1:1025/',
  ]) {
    expect(parseEnv({ SMTP_URL: url, MAIL_FROM }).smtp).toEqual({ url, from: MAIL_FROM });
  }
  for (const url of [
    'mail.example.org',
    'smtp://',
    'http://mail.example.org',
    'smtp://mail.example.org?tls.rejectUnauthorized=false',
    'smtp://mail.example.org?ignoreTLS=1',
    'smtp://mail.example.org/path',
  ]) {
    expect(findProblems({ SMTP_URL: url, MAIL_FROM }), url).toContain('SMTP_URL: must look like smtp://');
  }
  for (const from of ['tasks@example.org', 'Holdfast <tasks@example.org>', '"Ada, of Holdfast" <tasks@example.org>']) {
    expect(parseEnv({ SMTP_URL, MAIL_FROM: from }).smtp).toEqual({ url: SMTP_URL, from });
  }
  for (const from of ['Holdfast', 'a@b.example, c@d.example', '<>', 'Holdfast <tasks>', '@example.org']) {
    expect(findProblems({ SMTP_URL, MAIL_FROM: from }), from).toContain('MAIL_FROM: must be one address');
  }
  expect(findProblems({ SMTP_URL })).toContain('SMTP_URL and MAIL_FROM must be set together');
  expect(findProblems({ MAIL_FROM })).toContain('SMTP_URL and MAIL_FROM must be set together');
  const production = { NODE_ENV: 'production', AUTH_SECRET: 'x'.repeat(32), SMTP_URL, MAIL_FROM };
  expect(findProblems(production)).toContain('PUBLIC_URL must be set if SMTP_URL is set');
});

test('WORKERS=auto is one worker for each core, with at least two connections each', () => {
  const counts = ['1000', '3', '1'].map((DATABASE_POOL_MAX) =>
    countWorkers(parseEnv({ WORKERS: 'auto', DATABASE_POOL_MAX })),
  );
  expect(counts).toEqual([availableParallelism(), 1, 1]);
  expect(countWorkers(parseEnv({ WORKERS: '7' }))).toBe(7);
  expect(() => parseEnv({ WORKERS: '11' })).toThrow('DATABASE_POOL_MAX must not be less than WORKERS');
});

import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { defaultDataDir } from '@holdfast/embedded-postgres';
import { z } from 'zod';
import {
  dataFolder,
  findProviderProblems,
  keysUrl,
  origin,
  origins,
  postgresUrl,
  sender,
  smtpUrl,
  toProviderApp,
  wholeNumber,
  workers,
} from './env-formats.ts';
import { traceVariables, toTracing } from './env-tracing.ts';
import { StartError } from './start-error.ts';

/** The server's settings, read from the environment. */
export type Settings = ReturnType<typeof toSettings>;

const defaultPoolMax = 10;

const variables = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).optional(),
  DATABASE_URL: postgresUrl.optional(),
  DATABASE_URL_UNPOOLED: postgresUrl.optional(),
  DATABASE_REPLICA_URL: postgresUrl.optional(),
  DATABASE_REPLICA_LAG_MS: wholeNumber(1000, 3_600_000).default(30_000),
  HOLDFAST_DATA_DIR: dataFolder.default(defaultDataDir),
  HOST: z
    .string()
    .refine((text) => isIP(text) > 0 || /^[a-z0-9][a-z0-9.-]*$/i.test(text), {
      error: 'must be an address or a host name of this machine',
    })
    .default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(3000),
  PUBLIC_URL: origin.optional(),
  AUTH_SECRET: z.string().min(32, { error: 'must have 32 characters or more' }).optional(),
  AUTH_ISSUER: z.string().optional(),
  AUTH_AUDIENCE: z.string().optional(),
  AUTH_JWKS_URL: keysUrl.optional(),
  AUTH_ISSUER_USES_UUIDS: z.enum(['true', 'false']).default('false'),
  TRUSTED_ORIGINS: origins.default([]),
  WEB_APP: z.enum(['true', 'false']).default('true'),
  TRUST_PROXY: wholeNumber(0, 10).default(0),
  CONNECTIONS_MAX: wholeNumber(1, 1_000_000).default(5000),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  DATABASE_POOL_MAX: wholeNumber(1, 1000).default(defaultPoolMax),
  DATABASE_POOL_WAIT_MS: wholeNumber(1, 600_000).default(5000),
  DATABASE_STATEMENT_TIMEOUT_MS: wholeNumber(1, 3_600_000).default(5000),
  DATABASE_CONNECT_TIMEOUT_MS: wholeNumber(1, 600_000).default(15_000),
  REQUEST_TIMEOUT_MS: wholeNumber(1, 3_600_000).default(20_000),
  SLOW_QUERY_MS: wholeNumber(0, 3_600_000).default(200),
  METRICS_TOKEN: z.string().min(16, { error: 'must have 16 characters or more' }).optional(),
  RATE_LIMIT_PER_MINUTE: wholeNumber(0, 100_000_000).default(3000),
  RATE_LIMIT_STORE: z.enum(['memory', 'postgresql']).default('memory'),
  TRASH_DAYS: wholeNumber(0, 36_500).default(30),
  LIVE_POLL_MS: wholeNumber(0, 600_000).default(1000),
  WORKERS: workers.default(1),
  SESSION_DAYS: wholeNumber(1, 3650).default(30),
  GOOGLE_CLIENT_ID: z.string().optional(),
  GOOGLE_CLIENT_SECRET: z.string().optional(),
  GITHUB_CLIENT_ID: z.string().optional(),
  GITHUB_CLIENT_SECRET: z.string().optional(),
  SMTP_URL: smtpUrl.optional(),
  MAIL_FROM: sender.optional(),
  SIGN_UP_CONFIRMATION: z.enum(['true', 'false']).default('false'),
  ...traceVariables,
});

type Raw = Record<string, string | undefined>;

/**
 * Reads the environment. An empty variable counts as not set.
 *
 * @throws StartError that lists all problems. It contains only values that cannot be secret.
 */
export function parseEnv(env: Raw): Settings {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  // Blank is not one of its values, and would silently select development.
  if (env['NODE_ENV']) present['NODE_ENV'] = env['NODE_ENV'];
  const parsed = variables.safeParse(present);
  const malformed = findMalformed(present);
  const problems = [
    ...malformed.values(),
    ...(parsed.error?.issues
      .filter(({ path }) => !malformed.has(String(path[0])))
      .map((issue) => `${issue.path.join('.')}: ${toProblem(issue, present[String(issue.path[0])])}`) ?? []),
    ...findConflicts(present),
  ];
  if (parsed.data && problems.length === 0) return toSettings(parsed.data);
  throw new StartError(
    `These settings are not valid. Correct them and start again:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
  );
}

/**
 * Values that no setting can have, by variable. Files of settings with Windows line ends, and tools that do not remove
 * quotes, pass such values.
 */
function findMalformed(env: Raw): Map<string, string> {
  const problems = new Map<string, string>();
  for (const [name, value = ''] of Object.entries(env)) {
    if (!(name in variables.shape) && !name.startsWith('OTEL_')) continue;
    const problem = /\p{Cc}/u.test(value)
      ? 'must not contain control characters such as line breaks'
      : /^(["']).*\1$/.test(value)
        ? 'must not be in quotation marks'
        : null;
    if (problem !== null) problems.set(name, `${name}: ${problem}${toShown(name, value)}`);
  }
  return problems;
}

/** zod's message for an enum starts with "Invalid option: expected". */
function toProblem({ code, message, path }: z.core.$ZodIssue, value: string | undefined): string {
  const problem = message.replace(/^Invalid option: expected/, 'must be');
  return code === 'invalid_value' ? problem + toShown(String(path[0]), value) : problem;
}

/** Settings with a list of values, which cannot be secret. */
const listed = new Set([
  'NODE_ENV',
  'LOG_LEVEL',
  'RATE_LIMIT_STORE',
  'OTEL_SDK_DISABLED',
  'OTEL_TRACES_EXPORTER',
  'OTEL_EXPORTER_OTLP_PROTOCOL',
  'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL',
  'OTEL_TRACES_SAMPLER',
]);

/** The exact value of a setting with a list of values. All others can be secret. */
function toShown(name: string, value = ''): string {
  return listed.has(name) ? `, but is ${JSON.stringify(value.slice(0, 50))}` : '';
}

function findConflicts(env: Raw): string[] {
  const problems: string[] = [];
  const issuerVariables = ['AUTH_ISSUER', 'AUTH_AUDIENCE', 'AUTH_JWKS_URL'];
  const missing = issuerVariables.filter((name) => env[name] === undefined);
  if (missing.length > 0 && missing.length < issuerVariables.length) {
    problems.push(
      `${missing.join(' and ')} must be set too. An external issuer needs all of ${issuerVariables.join(', ')}`,
    );
  }
  if (env['AUTH_ISSUER_USES_UUIDS'] !== undefined && env['AUTH_ISSUER'] === undefined) {
    problems.push('AUTH_ISSUER must be set if AUTH_ISSUER_USES_UUIDS is set');
  }
  if (env['NODE_ENV'] === 'production' && env['AUTH_SECRET'] === undefined) {
    problems.push('AUTH_SECRET must be set with NODE_ENV=production. Use the output of `openssl rand -base64 32`');
  }
  if (Number(env['WORKERS']) > Number(env['DATABASE_POOL_MAX'] ?? defaultPoolMax)) {
    problems.push('DATABASE_POOL_MAX must not be less than WORKERS, since each worker needs a connection');
  }
  if (env['DATABASE_URL_UNPOOLED'] !== undefined && env['DATABASE_URL'] === undefined) {
    problems.push('DATABASE_URL must be set if DATABASE_URL_UNPOOLED is set');
  }
  if (env['DATABASE_REPLICA_URL'] !== undefined && env['DATABASE_URL'] === undefined) {
    problems.push('DATABASE_URL must be set if DATABASE_REPLICA_URL is set');
  }
  problems.push(...findProviderProblems(env));
  if ((env['SMTP_URL'] === undefined) !== (env['MAIL_FROM'] === undefined)) {
    problems.push('SMTP_URL and MAIL_FROM must be set together');
  }
  if (env['SIGN_UP_CONFIRMATION'] === 'true' && env['AUTH_ISSUER'] !== undefined) {
    problems.push('SIGN_UP_CONFIRMATION must not be true if AUTH_ISSUER is set, which has its own accounts');
  } else if (
    env['SIGN_UP_CONFIRMATION'] === 'true' &&
    env['NODE_ENV'] === 'production' &&
    env['SMTP_URL'] === undefined
  ) {
    problems.push('SMTP_URL must be set if SIGN_UP_CONFIRMATION is true, since accounts are confirmed by mail');
  }
  if (env['NODE_ENV'] === 'production' && env['SMTP_URL'] !== undefined && env['PUBLIC_URL'] === undefined) {
    problems.push('PUBLIC_URL must be set if SMTP_URL is set, since links in mails start with it');
  }
  return problems;
}

function toSettings(env: z.output<typeof variables>) {
  const { AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience, AUTH_JWKS_URL: jwksUrl } = env;
  const usesUuids = env.AUTH_ISSUER_USES_UUIDS === 'true';
  return {
    isProduction: env.NODE_ENV === 'production',
    databaseUrl: env.DATABASE_URL,
    /** A connection as the tables' owner, for migrations. */
    ownerUrl: env.DATABASE_URL_UNPOOLED ?? env.DATABASE_URL,
    /** A read replica for reads that tolerate replication lag. */
    replicaUrl: env.DATABASE_REPLICA_URL,
    replicaMaxLagMs: env.DATABASE_REPLICA_LAG_MS,
    dataDir: resolve(env.HOLDFAST_DATA_DIR),
    host: env.HOST,
    port: env.PORT,
    publicUrl: env.PUBLIC_URL,
    secret: env.AUTH_SECRET,
    externalIssuer: issuer && audience && jwksUrl ? { issuer, audience, jwksUrl, usesUuids } : undefined,
    trustedOrigins: env.TRUSTED_ORIGINS,
    /** Number of processes that serve requests. */
    workers: env.WORKERS,
    /** Whether browsers get the web app, if it is built. */
    webApp: env.WEB_APP === 'true',
    trustProxy: env.TRUST_PROXY,
    connectionsMax: env.CONNECTIONS_MAX,
    logLevel: env.LOG_LEVEL,
    poolMax: env.DATABASE_POOL_MAX,
    poolWaitMs: env.DATABASE_POOL_WAIT_MS,
    statementTimeoutMs: env.DATABASE_STATEMENT_TIMEOUT_MS,
    connectTimeoutMs: env.DATABASE_CONNECT_TIMEOUT_MS,
    requestTimeoutMs: env.REQUEST_TIMEOUT_MS,
    slowQueryMs: env.SLOW_QUERY_MS,
    /** Bearer token that `/metrics` requires. Without it, `/metrics` is public. */
    metricsToken: env.METRICS_TOKEN,
    rateLimitPerMinute: env.RATE_LIMIT_PER_MINUTE,
    rateLimitStore: env.RATE_LIMIT_STORE,
    /** Days after which the trash is emptied. 0 means never. */
    trashDays: env.TRASH_DAYS,
    /** Milliseconds between two polls for changes of other servers. 0 turns the poll off. */
    livePollMs: env.LIVE_POLL_MS,
    /** Days after which an unused session ends. */
    sessionDays: env.SESSION_DAYS,
    /** Whether a new account can be used only after its address is confirmed by mail. */
    confirmsSignUps: env.SIGN_UP_CONFIRMATION === 'true',
    smtp: env.SMTP_URL && env.MAIL_FROM ? { url: env.SMTP_URL, from: env.MAIL_FROM } : undefined,
    providers: {
      google: toProviderApp(env.GOOGLE_CLIENT_ID, env.GOOGLE_CLIENT_SECRET),
      github: toProviderApp(env.GITHUB_CLIENT_ID, env.GITHUB_CLIENT_SECRET),
    },
    tracing: toTracing(env),
  };
}

import { Migration } from '@mikro-orm/migrations';

// The tables of the built-in sign-in, as Better Auth requires them. The roles holdfast_app and holdfast_tools have no rights
// on them.
export class Auth extends Migration {
  up(): void {
    this.addSql('create schema auth');
    this.addSql(`
create table auth."user" (
  id uuid not null default gen_random_uuid() primary key,
  name text not null,
  email text not null unique,
  "emailVerified" boolean not null,
  image text,
  "createdAt" timestamptz not null default current_timestamp,
  "updatedAt" timestamptz not null default current_timestamp
)`);
    this.addSql(`
create table auth.session (
  id uuid not null default gen_random_uuid() primary key,
  "expiresAt" timestamptz not null,
  token text not null unique,
  "createdAt" timestamptz not null default current_timestamp,
  "updatedAt" timestamptz not null,
  "ipAddress" text,
  "userAgent" text,
  "userId" uuid not null references auth."user" (id) on delete cascade
)`);
    this.addSql('create index "session_userId_idx" on auth.session ("userId")');
    this.addSql(`
create table auth.account (
  id uuid not null default gen_random_uuid() primary key,
  "accountId" text not null,
  "providerId" text not null,
  "userId" uuid not null references auth."user" (id) on delete cascade,
  "accessToken" text,
  "refreshToken" text,
  "idToken" text,
  "accessTokenExpiresAt" timestamptz,
  "refreshTokenExpiresAt" timestamptz,
  scope text,
  password text,
  "createdAt" timestamptz not null default current_timestamp,
  "updatedAt" timestamptz not null
)`);
    this.addSql('create index "account_userId_idx" on auth.account ("userId")');
    this.addSql(`
create table auth.verification (
  id uuid not null default gen_random_uuid() primary key,
  identifier text not null,
  value text not null,
  "expiresAt" timestamptz not null,
  "createdAt" timestamptz not null default current_timestamp,
  "updatedAt" timestamptz not null default current_timestamp
)`);
    this.addSql('create index verification_identifier_idx on auth.verification (identifier)');
    this.addSql(`
create table auth.jwks (
  id uuid not null default gen_random_uuid() primary key,
  "publicKey" text not null,
  "privateKey" text not null,
  "createdAt" timestamptz not null,
  "expiresAt" timestamptz,
  alg text,
  crv text
)`);
  }
}

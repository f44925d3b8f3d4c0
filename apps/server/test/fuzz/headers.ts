import * as fc from 'fast-check';
import { encodeTarget, headerText, text } from './values.ts';

export const hosts = [
  'tasks.example.org',
  '',
  'a@b',
  'a b',
  'x:y',
  '[::1',
  '[::1]:0',
  '%',
  'a/b',
  'a?b',
  '\xff',
  'x:99999',
  '...',
];

export const oddHeader = fc.oneof(
  fc.tuple(fc.constant('origin'), fc.oneof(fc.constantFrom('null', 'https://evil.example', 'x'), headerText)),
  fc.tuple(fc.constant('accept'), fc.constantFrom('application/jsonl', 'text/event-stream', 'text/html', '*/*;q=x')),
  fc.tuple(fc.constantFrom('accept', 'accept-encoding', 'accept-language'), headerText),
  fc.tuple(fc.constant('accept-encoding'), fc.constantFrom('br', 'gzip;q=0.1, *;q=0', 'br;q=x', '*')),
  fc.tuple(fc.constantFrom('trpc-accept', 'x-trpc-source'), fc.constantFrom('application/jsonl', 'x')),
  fc.tuple(
    fc.constant('content-encoding'),
    fc.oneof(fc.constantFrom('gzip', 'br', 'deflate', 'identity', 'x'), headerText),
  ),
  fc.tuple(fc.constant('expect'), fc.constantFrom('100-continue', 'x')),
  fc.tuple(fc.constant('upgrade'), fc.constantFrom('websocket', 'h2c')),
  fc.tuple(fc.constant('cache-control'), fc.constantFrom('max-stale', 'max-stale=x', 'no-store')),
  fc.tuple(
    fc.constantFrom('x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded', 'x-real-ip'),
    headerText,
  ),
  fc.tuple(
    fc.constantFrom('x-request-id', 'traceparent', 'tracestate', 'range', 'if-none-match', 'last-event-id'),
    headerText,
  ),
  fc.tuple(fc.constantFrom('sec-fetch-site', 'sec-fetch-mode', 'sec-fetch-dest'), fc.constantFrom('cross-site', 'x')),
  fc.tuple(fc.constantFrom('x-http-method-override', 'x-csrf-token', '__proto__', 'constructor'), headerText),
  fc.tuple(fc.constant('cookie'), headerText),
  fc.tuple(
    fc.constant('cookie'),
    text.map((token) => `holdfast.session_token=${encodeTarget(token)}`),
  ),
  fc.tuple(
    fc.constant('cookie'),
    text.map((data) => `holdfast.session_data=${encodeTarget(data)}; holdfast.state=x`),
  ),
  fc.tuple(
    fc.constant('authorization'),
    headerText.map((token) => `Bearer ${token}`),
  ),
);

export const contentTypes = [
  'application/json; charset=utf-8',
  'application/json; charset=utf-16',
  'application/json;',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/octet-stream',
  'text/plain',
  '',
];

/** The names in braces stand for the account's current tokens. */
export const credentials: (readonly [string, string])[] = [
  ['authorization', 'Bearer {jwt}'],
  ['authorization', 'Bearer {session}'],
  ['authorization', 'Bearer {signed}'],
  ['cookie', '{cookie}'],
  ['x-nothing', ''],
];

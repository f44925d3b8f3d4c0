import * as fc from 'fast-check';
import { rarely, text, value } from './values.ts';

/** Values of the account that sends the requests. */
export interface Known {
  taskIds: readonly string[];
  cursors: readonly string[];
}

/** Fields of each input. Other procedures get random ones. */
const fieldNames = new Map([
  ['task.create', ['title', 'id', 'description', 'completed']],
  ['task.get', ['id']],
  ['task.update', ['id', 'title', 'description', 'completed', 'ifVersion', 'operationId']],
  ['task.delete', ['id', 'ifVersion', 'operationId']],
  ['changes.list', ['since', 'limit']],
  ['changes.watch', ['since', 'lastEventId']],
  ['task.list', ['limit', 'cursor', 'completed', 'order', 'direction']],
]);

/** An input of a procedure, usually with valid fields. */
export function toInput({ taskIds, cursors }: Known, name: string): fc.Arbitrary<unknown> {
  const id = fc.oneof(
    fc.constantFrom(...taskIds),
    fc.uuid(),
    fc.uuid().map((uuid) => uuid.toUpperCase()),
  );
  const cursor = fc.oneof(
    fc.constantFrom(...cursors),
    fc.tuple(fc.constantFrom(...cursors), fc.nat(), fc.nat(255)).map(([known, at, code]) => {
      const place = at % known.length;
      return known.slice(0, place) + String.fromCharCode(code) + known.slice(place + 1);
    }),
    fc.base64String(),
  );
  const fields = {
    id: rarely(id, value),
    title: rarely(text, value),
    description: rarely(fc.option(text), value),
    completed: rarely(fc.boolean(), value),
    ifVersion: rarely(fc.oneof(fc.nat(5), fc.maxSafeInteger()), value),
    limit: rarely(fc.integer({ min: 1, max: 200 }), value),
    cursor: rarely(fc.option(cursor), value),
    since: rarely(cursor, value),
    lastEventId: rarely(cursor, value),
    direction: rarely(fc.constant('forward'), value),
    order: rarely(fc.constantFrom('newest', 'oldest'), value),
    operationId: rarely(fc.uuid(), value),
  };
  const known = fieldNames.get(name) ?? [];
  // The first is always there, because it is required in most.
  const usual = fc.subarray(known.slice(1)).map((others) => known.slice(0, 1).concat(others));
  const names = rarely(usual, fc.subarray(Object.keys(fields)));
  const input = fc
    .tuple(fc.record(fields), names)
    .map(([all, chosen]) => Object.fromEntries(Object.entries(all).filter(([name]) => chosen.includes(name))));
  return rarely(input, value);
}

/** Fields and parameters of the sign-in routes. */
export const person = fc.record(
  {
    email: rarely(fc.oneof(fc.emailAddress(), fc.constant('ada@example.org')), value),
    password: rarely(fc.constantFrom('correct horse', 'wrong horse', 'x'.repeat(129)), value),
    currentPassword: rarely(fc.constant('wrong horse'), value),
    newPassword: value,
    name: value,
    image: value,
    token: value,
    id: rarely(fc.uuid(), value),
    callbackURL: value,
    provider: value,
    providerId: value,
    accountId: value,
    newEmail: value,
    rememberMe: value,
    disableRedirect: value,
    state: value,
    code: value,
    error: value,
  },
  { requiredKeys: [] },
);

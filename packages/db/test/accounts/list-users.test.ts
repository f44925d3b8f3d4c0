import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { withAccounts } from '../../src/accounts/access.ts';
import { searchUsers } from '../../src/accounts/find-user.ts';
import type { UsersPage, UserSummary } from '../../src/accounts/read-users.ts';
import { asTools, openFixture } from '../fixture.ts';
import { createAccount, parse, runUsers, toLogLine } from './fixture.ts';

const fixture = await openFixture();

test('users list has each user once, in pages, with and without an account, and searches the beginning of addresses', async () => {
  const expected: { id: string; email: string }[] = [];
  for (let at = 0; at < 12; at += 1) {
    const [id, email] = [randomUUID(), `${at % 2 === 0 ? 'even' : 'odd_'}${at}@example.org`];
    if (at % 3 !== 0) await createAccount(fixture.sql, { id, email });
    // An account with an older address in its row, an account without a row, and a row without an account.
    const profile = { email: at % 3 === 0 ? email : 'even.old@example.org', name: null };
    if (at % 3 !== 1) await asTools(fixture.sql, 'insert into users (id, email) values ($1, $2)', [id, profile.email]);
    expected.push({ id, email });
  }
  expected.sort((one, other) => (one.id < other.id ? -1 : 1));
  const readAll = (emailPrefix: string, limit: number) =>
    withAccounts(fixture.url, async (access) => {
      const users: UserSummary[] = [];
      let after: string | undefined;
      for (let next: string | null = ''; next !== null;) {
        const page: UsersPage = await searchUsers(access, { emailPrefix, after, limit });
        expect(page.users.length).toBeLessThanOrEqual(limit);
        users.push(...page.users);
        next = page.next;
        after = next ?? undefined;
      }
      return users;
    });
  for (const prefix of ['', 'EVEN', 'odd_', 'odd%']) {
    const found = expected.filter(({ email }) => email.startsWith(prefix.toLowerCase()));
    for (const limit of [1, 5, 12, 13]) {
      expect(await readAll(prefix, limit)).toEqual(
        found.map(({ id, email }) => ({ id, email, createdAt: expect.any(Date) })),
      );
    }
  }
  const [, second, third] = expected.map(({ id, email }) => ({ id, email, createdAt: expect.any(String) }));
  const args = ['list', '--json', '--limit', '2', '--after', expected[0]!.id];
  expect(parse(await runUsers(fixture.url, args))).toEqual({ users: [second, third], next: third!.id });
  const text = await runUsers(fixture.url, ['list', '--limit', '2']);
  expect(text.stdout).toMatch(/^.*@example.org\n.*@example.org\nThere are more\. Add --after [-0-9a-f]{36}\.\n$/);
  expect(toLogLine(text)).toMatchObject({ command: 'users list', userId: null, outcome: 'done' });
});

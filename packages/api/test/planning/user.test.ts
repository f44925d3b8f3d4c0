import { expect, test } from 'vitest';
import type { Caller } from '../../src/index.ts';
import { createUser, openFixture } from '../fixture.ts';

const { db, as } = await openFixture();

/** Creates a user with an account in the built-in sign-in. The token names the user as the account did when it was issued. */
async function createAccount(name: string): Promise<Caller> {
  const caller = createUser({ email: `${name}@example.org`, name });
  await db.acrossAllUsers(
    async (em) => {
      await em.execute('reset role');
      await em.execute(`insert into auth."user" (id, name, email, "emailVerified") values (?, ?, ?, false)`, [
        caller.userId,
        name,
        `${caller.userId}@example.org`,
      ]);
    },
    { write: true },
  );
  return caller;
}

test('user.update creates the user’s row at first need and stores the time zone with its IANA spelling', async () => {
  const { user } = as(createUser({ email: 'ann@example.org', name: 'Ann' }));
  const updated = await user.update({ timeZone: 'europe/berlin' });
  expect(updated).toMatchObject({ email: 'ann@example.org', name: 'Ann', timeZone: 'Europe/Berlin' });
  expect(await user.me()).toEqual(updated);
  expect(await user.update({})).toEqual(updated);
  expect(await user.update({ timeZone: null })).toEqual({ ...updated, timeZone: null });
});

test.each([
  ['an unknown time zone', { timeZone: 'Europe/Atlantis' }],
  ['an offset', { timeZone: '+02:00' }],
  ['an empty time zone', { timeZone: '' }],
  ['a blank name', { name: ' ' }],
  ['null for the name', { name: null }],
  ['a name of 201 letters', { name: 'x'.repeat(201) }],
  ['an email', { email: 'x@example.org' }],
])('user.update refuses %s', async (_, input) => {
  await expect(as(createUser()).user.update(input as never)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

test('an input for user.me, which has none, is refused with a sentence that says so', async () => {
  const me = as(createUser()).user.me as (input: unknown) => Promise<unknown>;
  await expect(me({ id: 'x' })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    message: expect.stringContaining('The call has no input. Omit it.'),
  });
});

test('with the built-in sign-in, a new name is stored in the account and survives older tokens', async () => {
  const caller = await createAccount('Ann');
  const { user } = as(caller);
  const updated = await user.update({ name: ' Anna ', timeZone: 'Asia/Tokyo' });
  expect(updated).toMatchObject({ id: caller.userId, name: 'Anna', email: `${caller.userId}@example.org` });
  expect(await user.me()).toEqual(updated);
  await as(caller).task.create({ title: 'x' });
  expect(await user.me()).toEqual(updated);
  expect(await user.update({ timeZone: null })).toEqual({ ...updated, timeZone: null });
});

test('with the built-in sign-in, user.update changes no other account', async () => {
  const [ann, bob] = [await createAccount('Ann'), await createAccount('Bob')];
  await as(ann).user.update({ name: 'Anna' });
  expect(await as(bob).user.me()).toMatchObject({ name: 'Bob' });
});

test('with another issuer, a name that the token contains cannot be changed', async () => {
  const { user } = as(createUser({ name: 'Ann' }));
  const before = await user.me();
  await expect(user.update({ name: 'Anna', timeZone: 'Asia/Tokyo' })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    message: 'name: Your sign-in service manages your name. Change it there.',
  });
  expect(await user.me()).toEqual(before);
});

test('with another issuer whose tokens contain no name, a new name is stored', async () => {
  const { user } = as(createUser({ email: 'ann@example.org' }));
  const updated = await user.update({ name: 'Anna' });
  expect(updated).toMatchObject({ name: 'Anna', email: 'ann@example.org' });
  expect(await user.me()).toEqual(updated);
});

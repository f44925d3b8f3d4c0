import { expect, test } from 'vitest';
import { openServer } from './fixture.ts';

const { url } = await openServer();

test('the error of an authorization header without a scheme says to send Bearer', async () => {
  for (const authorization of ['made-up', 'a.b.c', 'Basic YTpi', 'Token made-up']) {
    const response = await fetch(`${url}/trpc/user.me`, { headers: { authorization } });
    expect(response.status).toBe(401);
    const { error } = (await response.json()) as { error: { message: string } };
    expect(error.message).toBe('The authorization header needs a scheme. Send `Bearer <token>`.');
  }
});

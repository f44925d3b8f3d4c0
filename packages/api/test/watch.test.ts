import { expect, test } from 'vitest';
import { createUser, openFixture } from './fixture.ts';

const { as } = await openFixture();

test('a stream of changes without a server is refused', async () => {
  await expect(as(createUser()).changes.watch()).rejects.toMatchObject({
    code: 'METHOD_NOT_SUPPORTED',
    message: 'Streams need a server. Call changes.list instead.',
  });
});

import { expect, test } from 'vitest';
import { toMailbox } from '../../src/auth/account/mailbox.ts';

test('addresses with another part after a plus, in other case or with dots at Gmail count as one mailbox', () => {
  for (const address of ['ada@example.org', 'ada+1@example.org', 'ADA+x+y@Example.ORG']) {
    expect(toMailbox(address)).toBe('ada@example.org');
  }
  for (const address of ['a.da@gmail.com', 'ada+1@gmail.com', 'A.D.A@googlemail.com']) {
    expect(toMailbox(address)).toBe('ada@gmail.com');
  }
});

test('dots at other providers, a plus at the start and other domains name another mailbox', () => {
  expect(toMailbox('a.da@example.org')).toBe('a.da@example.org');
  expect(toMailbox('+ada@example.org')).toBe('+ada@example.org');
  expect(toMailbox('ada@gmail.com.example.org')).toBe('ada@gmail.com.example.org');
});

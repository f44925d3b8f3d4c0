import { expect, test } from 'vitest';
import { toClientAddress } from '../src/request/client-address.ts';

test.for([
  ['192.0.2.1', '192.0.2.1'],
  ['192.0.2.1:5678', '192.0.2.1'],
  ['2001:db8::1', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[2001:db8::1]:443', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['[fe80::1%25eth0]:443', 'fe80::1'],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
  ['unknown', ''],
  ['_hidden', ''],
  ['192.0.2.1:', ''],
  ['[192.0.2.1', ''],
  ['', ''],
  [undefined, ''],
] as const)('the address in %j is %j', ([text, address]) => {
  expect(toClientAddress(text)).toBe(address);
});

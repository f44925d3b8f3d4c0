import { expect, test } from 'vitest';
import { toClientAddress, toNetwork } from '../../src/request/client-address.ts';

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
] as const)('the client address in %j is %j', ([text, address]) => {
  expect(toClientAddress(text)).toBe(address);
});

test.for([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:0DB8:0:0:1:2:3:4', '2001:db8:0:0::/64'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['1::2:3:4:5:6', '1:0:0:2::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ['', ''],
] as const)('the address %j belongs to the network %j', ([address, network]) => {
  expect(toNetwork(address)).toBe(network);
});

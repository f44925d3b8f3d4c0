import * as fc from 'fast-check';
import { escapeLiteral } from 'pg';
import { expect, test } from 'vitest';
import { redactSql } from '../../src/connection/redact-sql.ts';

test('a redacted statement has placeholders instead of values', () => {
  const sql = String.raw`select "t0"."id", 'it''s' as a, E'it\'s' as b, $tag$secret$tag$ as c, $1 as d /* why */
    from "tasks2" as "t0" where n = 12.5e3 and m in (1, 2, 3) -- secret
    and v1 = -7`;
  expect(redactSql(sql)).toBe(
    'select "t0"."id", ? as a, ? as b, ? as c, $1 as d from "tasks2" as "t0" where n = ? and m in (?, …) and v1 = ?',
  );
});

test('a redacted statement contains no text of a user, also for texts with quotes, comments and escapes', () => {
  const secret = 'Zanzibar';
  const piece = fc.constantFrom("'", '"', '\\', '$$', '$1', '--', '/*', '*/', '\n', 'e', 'E', ' ', '?', secret);
  const text = fc.array(piece, { maxLength: 12 }).map((pieces) => `${pieces.join('')}${secret}`);
  fc.assert(
    fc.property(text, text, (one, other) => {
      const sql = `select "id" from tasks where title = ${escapeLiteral(one)} and "description" = ${escapeLiteral(other)} limit 5`;
      expect(redactSql(sql)).toBe('select "id" from tasks where title = ? and "description" = ? limit ?');
    }),
  );
});

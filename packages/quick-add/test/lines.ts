import * as fc from 'fast-check';

const token = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('tomorrow', '9am', '#home', '@work', '!!', '@"a b"', '"x', '\\', 'at', '5', 'by Friday'),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('Nov', 'in', '99999999999', 'years', 'every', 'sun', ',', '2026-02-30', '"'),
  },
);
/** Lines of words that look like parts. */
export const line = fc.array(token, { maxLength: 10 }).map((words) => words.join(' '));

import { Chrono, configuration, type Parser } from 'chrono-node/en';

/** Days of the week as in `Date`. */
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const [monday, saturday] = [1, 6];
const weekday = '(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|wed|thu|fri|sat|sun';

/** A parser of words that name a day. They must not be part of a longer word. */
function toParser(words: string, toDay: (today: Date, words: string) => Date, flags = 'iu'): Parser {
  const pattern = new RegExp(String.raw`(?<![\p{L}\p{N}_])(?:${words})(?![\p{L}\p{N}_])`, flags);
  return {
    pattern: () => pattern,
    extract: ({ refDate }, { 0: found }) => {
      const day = toDay(refDate, found.toLowerCase());
      return { year: day.getFullYear(), month: day.getMonth() + 1, day: day.getDate() };
    },
  };
}

const addDays = (day: Date, days: number) => new Date(day.getFullYear(), day.getMonth(), day.getDate() + days, 12);

/** Days until the next day with this number; 0 is today. */
const countDays = (today: Date, weekday: number) => (weekday + 7 - today.getDay()) % 7;

/** Words that the library does not know, or of which it makes another day. */
const ownParsers = [
  // The library knows it only after `the`.
  toParser(String.raw`day\s+after\s+tomorrow`, (today) => addDays(today, 2)),
  toParser('tod', (today) => today, 'u'),
  // The library counts seven days. Weeks start on Monday, as in ISO 8601.
  toParser(String.raw`next\s+week(?:\s+(?:on\s+)?(?:${weekday}))?`, (today, words) => {
    const start = addDays(today, countDays(today, monday) || 7);
    const named = weekdays.findIndex((day) => words.replace(/^next\s+week\s*(?:on\s+)?/, '').startsWith(day));
    return named === -1 ? start : addDays(start, countDays(start, named));
  }),
  toParser(String.raw`next\s+month`, (today) => new Date(today.getFullYear(), today.getMonth() + 1, 1, 12)),
  // On Sundays, the library takes the Saturday after.
  toParser(String.raw`this\s+weekend`, (today) =>
    addDays(today, today.getDay() === 0 ? 0 : countDays(today, saturday)),
  ),
];

/** The day and the month could be exchanged, or it is no date: `1/2` is a half. */
const unclearDates = ['12/11/2026', '12/11', '12/2026'];
/** `7pm met Ann` is not in Middle European Time. */
const unclearTimes = ['7pm met', '7pm +02:00'];

/**
 * Creates a parser without the parts of the library that guess. Their results identify them, because bundlers change the
 * names of classes.
 */
export function createEnglish(): Chrono {
  const { parsers, refiners } = configuration.createCasualConfiguration(false);
  const reference = new Date(2001, 0, 15, 12);
  const isSureParser = (parser: Parser) => {
    const alone = new Chrono({ parsers: [parser], refiners: [] });
    return unclearDates.every((text) => alone.parse(text, reference).every((result) => result.text !== text));
  };
  const isSureRefiner = (refiner: (typeof refiners)[number]) => {
    const alone = new Chrono({ parsers, refiners: [refiner] });
    const results = unclearTimes.flatMap((text) => alone.parse(text, reference));
    return !results.some(({ start }) => start.isCertain('timezoneOffset'));
  };
  return new Chrono({
    parsers: [...ownParsers, ...parsers.filter(isSureParser)],
    refiners: refiners.filter(isSureRefiner),
  });
}

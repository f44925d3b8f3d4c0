import type { Statement } from '../scope/prepared-statement.ts';
import { createFeedStatement, getFeedStatement, revokeFeedStatement } from './feed.ts';
import { readCalendarStatement } from './read-calendar.ts';

/** All statements on calendar feeds. */
export const calendarStatements: readonly Pick<Statement<never>, 'name' | 'text'>[] = [
  createFeedStatement,
  getFeedStatement,
  revokeFeedStatement,
  readCalendarStatement,
];

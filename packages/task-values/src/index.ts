export { addDays, countDays, toWeekday } from './calendar.ts';
export { type DueInput, findDueProblem } from './due.ts';
export { fold, foldStart, foldVersion } from './fold.ts';
export { findDuplicateLabel, normalizeLabels, toLabelKey } from './labels.ts';
export { findInstant, type LocalTime, toLocalTime, todayIn } from './local-time.ts';
export {
  createEndPosition,
  createEndPositions,
  createPositionBetween,
  createPositions,
  isPosition,
  maxPositionLength,
} from './positions.ts';
export { toSearchWords } from './search-words.ts';
export { resolveTimeZone } from './time-zones.ts';

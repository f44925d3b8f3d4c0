export { parseQuickAdd } from './parse.ts';
export type { Due, FindDates, FoundDate, Part, Present, Priority, QuickAdd, QuickAddOptions, Range } from './types.ts';

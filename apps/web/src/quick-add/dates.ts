import type { FindDates } from '@holdfast/quick-add';
import { createStore, useStore } from '../data/store.ts';

const found = createStore<FindDates | undefined>(undefined);
let loading: Promise<FindDates | undefined> | undefined;

/** Loads the parser of dates, which is large. Without a network and before it is stored, dates are not understood. */
export function loadDates(): Promise<FindDates | undefined> {
  loading ??= import('@holdfast/quick-add/dates').then(
    ({ findDates }) => {
      found.set(findDates);
      return findDates;
    },
    () => (loading = undefined),
  );
  return loading;
}

/** The parser of dates. Undefined until it is loaded. */
export const useFindDates = () => useStore(found);

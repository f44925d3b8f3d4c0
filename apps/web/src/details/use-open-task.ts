import { useCallback } from 'react';
import { useSearchParams } from 'wouter';

/** The task that is open on any screen: `?task=<id>`. */
export function useOpenTask() {
  const [params, setParams] = useSearchParams();
  // The first task is a new entry in the history, so that the back button of a phone closes it.
  const open = useCallback(
    (id: string) =>
      setParams(
        (before) => {
          before.set('task', id);
          return before;
        },
        { replace: new URLSearchParams(location.search).has('task') },
      ),
    [setParams],
  );
  const close = useCallback(
    () =>
      setParams(
        (before) => {
          before.delete('task');
          return before;
        },
        { replace: true },
      ),
    [setParams],
  );
  return { id: params.get('task'), open, close };
}

import { useCallback } from 'react';
import { useSearchParams } from 'wouter';

/** The task that is open on any screen: `?task=<id>`. */
export function useOpenTask() {
  const [params, setParams] = useSearchParams();
  const open = useCallback(
    (id: string) =>
      setParams((before) => {
        before.set('task', id);
        return before;
      }),
    [setParams],
  );
  const close = useCallback(
    () =>
      setParams((before) => {
        before.delete('task');
        return before;
      }),
    [setParams],
  );
  return { id: params.get('task'), open, close };
}

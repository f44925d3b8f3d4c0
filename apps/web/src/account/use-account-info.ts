import type { AccountInfo } from '@holdfast/client';
import { createContext, useEffect, useState } from 'react';
import { useHoldfast } from '../app/session.tsx';

/** Undefined before the response of the server, and null if there was none. */
export type FoundAccountInfo = AccountInfo | null | undefined;

/** The features, for the settings. */
export const AccountInfoContext = createContext<FoundAccountInfo>(undefined);

/** Features of the server for accounts. */
export function useAccountInfo(): FoundAccountInfo {
  const holdfast = useHoldfast();
  const [info, setInfo] = useState<FoundAccountInfo>();
  useEffect(() => {
    const controller = new AbortController();
    holdfast.account.info({ signal: controller.signal }).then(setInfo, () => {
      if (!controller.signal.aborted) setInfo(null);
    });
    return () => controller.abort();
  }, [holdfast]);
  return info;
}

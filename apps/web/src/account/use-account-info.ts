import type { AccountInfo } from '@holdfast/client';
import { createContext, useEffect, useState } from 'react';
import { useHoldfast } from '../app/session.tsx';

/** The features, for the settings. */
export const AccountInfoContext = createContext<AccountInfo | null>(null);

/** Features of the server for accounts. Null before its response and without a network. */
export function useAccountInfo(): AccountInfo | null {
  const holdfast = useHoldfast();
  const [info, setInfo] = useState<AccountInfo | null>(null);
  useEffect(() => {
    const controller = new AbortController();
    holdfast.account.info({ signal: controller.signal }).then(setInfo, () => {});
    return () => controller.abort();
  }, [holdfast]);
  return info;
}

import { useEffect } from 'react';
import { useLocation } from 'wouter';
import { useHoldfast } from '../app/session.tsx';
import { accountTexts } from '../texts/account.ts';
import { AccountPage } from './account-page.tsx';

/** Finishes a sign-in with another service. The app then opens the wanted page. */
export function SignedIn() {
  const holdfast = useHoldfast();
  const [, navigate] = useLocation();
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    holdfast.finishSignIn({ signal }).catch(() => {
      if (!signal.aborted) navigate('/sign-in?error=unknown', { replace: true });
    });
    return () => controller.abort();
  }, [holdfast, navigate]);
  return (
    <AccountPage title={accountTexts.signIn}>
      <p role="status">{accountTexts.signingIn}</p>
    </AccountPage>
  );
}

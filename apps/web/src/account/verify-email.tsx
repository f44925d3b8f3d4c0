import { type HoldfastWithSignIn, isHoldfastError } from '@holdfast/client';
import { useEffect, useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { useHoldfast } from '../app/session.tsx';
import { accountTexts, problemTexts } from '../texts/account.ts';
import { AccountPage } from './account-page.tsx';

type Result = { kind: 'busy' | 'signed out' } | { kind: 'done'; email: string } | { kind: 'failed'; message: string };

async function verify(holdfast: HoldfastWithSignIn, token: string): Promise<Result> {
  try {
    const { email } = await holdfast.account.verifyEmail({ token });
    return { kind: 'done', email };
  } catch (error) {
    if (!isHoldfastError(error)) return { kind: 'failed', message: problemTexts.unknown };
    return error.code === 'UNAUTHORIZED' ? { kind: 'signed out' } : { kind: 'failed', message: error.message };
  }
}

/** A link works once, also if its page is rendered twice. */
const results = new Map<string, Promise<Result>>();

/** Confirms an email address with the link of a mail. */
export function VerifyEmail() {
  const holdfast = useHoldfast();
  const [params] = useSearchParams();
  const [result, setResult] = useState<Result>({ kind: 'busy' });
  const token = params.get('token') ?? '';

  useEffect(() => {
    let isOver = false;
    async function run(): Promise<void> {
      const pending = results.get(token) ?? verify(holdfast, token);
      results.set(token, pending);
      const found = await pending;
      if (found.kind !== 'done') results.delete(token);
      if (!isOver) setResult(found);
    }
    void run();
    return () => void (isOver = true);
  }, [holdfast, token]);

  const next = `/verify-email?token=${encodeURIComponent(token)}`;
  const isSignedOut = result.kind === 'signed out';
  const hasFailed = result.kind === 'failed';
  return (
    <AccountPage
      title={accountTexts.verifyTitle}
      footer={
        <p>
          <Link href={isSignedOut ? `/sign-in?next=${encodeURIComponent(next)}` : '/inbox'}>
            {isSignedOut ? accountTexts.signIn : accountTexts.toTasks}
          </Link>
        </p>
      }
    >
      <p role="status">
        {result.kind === 'busy' && accountTexts.verifying}
        {isSignedOut && accountTexts.verifySignedOut}
        {result.kind === 'done' && accountTexts.verified(result.email)}
        {hasFailed && result.message}
      </p>
      {hasFailed && (
        <p>
          <Link href="/settings">{accountTexts.otherLinkInSettings}</Link>
        </p>
      )}
    </AccountPage>
  );
}

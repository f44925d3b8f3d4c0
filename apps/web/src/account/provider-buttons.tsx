import type { SignInProvider } from '@holdfast/client';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { useHoldfast } from '../app/session.tsx';
import { accountTexts, providerProblem, providerProblems } from '../texts/account.ts';
import { Button } from '../ui/button.tsx';
import { toNextPage } from './next-page.ts';

/** Buttons for a sign-in with the other services that the server has. */
export function ProviderButtons({ providers = [] }: { providers: readonly SignInProvider[] | undefined }) {
  const { account } = useHoldfast();
  const [params] = useSearchParams();
  const [problem, setProblem] = useState<string | null>(null);
  if (providers.length === 0) return null;

  async function start(provider: SignInProvider): Promise<void> {
    setProblem(null);
    const next = encodeURIComponent(toNextPage(params.get('next')));
    try {
      location.assign(
        await account.signInPage({ provider, returnTo: `/signed-in?next=${next}`, failedAt: `/sign-in?next=${next}` }),
      );
    } catch (error) {
      setProblem((error as Error).message);
    }
  }

  return (
    <div className="account-providers">
      <p className="account-or">{accountTexts.or}</p>
      {providers.map((provider) => (
        <Button key={provider} onClick={() => void start(provider)}>
          {accountTexts.continueWith[provider]}
        </Button>
      ))}
      <p className="form-problem" role="alert" hidden={problem === null}>
        {problem}
      </p>
    </div>
  );
}

/** The reason why a sign-in with another service failed. Anyone can write a link with a code, so other codes show a general text. */
export function ProviderProblem() {
  const [params] = useSearchParams();
  const code = params.get('error');
  if (code === null) return null;
  return (
    <p className="form-problem" role="alert">
      {providerProblems.get(code) ?? providerProblem}
    </p>
  );
}

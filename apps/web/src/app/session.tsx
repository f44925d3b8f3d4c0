import { createClient, type HoldfastWithSignIn, isHoldfastError } from '@holdfast/client';
import { openReplica, type Replica } from '@holdfast/client/replica';
import { createContext, type ReactNode, use, useEffect, useState } from 'react';
import { type App, AppContext, createApp } from '../data/app.ts';
import { forgetProfile } from '../data/profile.ts';
import { common } from '../texts/common.ts';
import { sessionTexts } from '../texts/session.ts';
import { Button } from '../ui/button.tsx';

export const createHoldfast = (): HoldfastWithSignIn => createClient({ url: location.origin, session: 'cookie' });

const HoldfastContext = createContext<HoldfastWithSignIn | null>(null);

/** The client, also before a sign-in. */
export const useHoldfast = () => use(HoldfastContext)!;

type State = { kind: 'opening' | 'signed out' } | { kind: 'signed in'; app: App } | { kind: 'failed'; message: string };

interface SessionProps {
  holdfast: HoldfastWithSignIn;
  /** What users see who are not signed in. */
  signedOut: ReactNode;
  children: ReactNode;
}

/** Opens the data of the signed-in user, and closes it when the session ends, also if it ends in another tab. */
export function Session({ holdfast, signedOut, children }: SessionProps) {
  const [state, setState] = useState<State>({ kind: 'opening' });
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    let isOver = false;
    let replica: Replica | undefined;

    async function open(): Promise<void> {
      try {
        const opened = await openReplica(holdfast);
        if (isOver) return void (await opened.close());
        replica = opened;
        setState({ kind: 'signed in', app: createApp(holdfast, opened) });
      } catch (error) {
        if (isOver) return;
        if (isHoldfastError(error, 'UNAUTHORIZED')) setState({ kind: 'signed out' });
        else setState({ kind: 'failed', message: (error as Error).message });
      }
    }

    const stop = holdfast.session.onChange((isSignedIn) => {
      if (!isSignedIn) forgetProfile();
      setState({ kind: isSignedIn ? 'opening' : 'signed out' });
      setAttempt((number) => number + 1);
    });
    void open();
    return () => {
      isOver = true;
      stop();
      void replica?.close();
    };
  }, [holdfast, attempt]);

  if (state.kind === 'opening') return null;
  if (state.kind === 'failed') {
    return (
      <main className="notice-page">
        <h1>{sessionTexts.cannotOpen}</h1>
        <p>{state.message}</p>
        <Button kind="primary" onClick={() => setAttempt((number) => number + 1)}>
          {common.retry}
        </Button>
      </main>
    );
  }
  return (
    <HoldfastContext value={holdfast}>
      {state.kind === 'signed in' ? <AppContext value={state.app}>{children}</AppContext> : signedOut}
    </HoldfastContext>
  );
}

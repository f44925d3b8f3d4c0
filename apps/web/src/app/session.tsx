import { createClient, type HoldfastWithSignIn, isHoldfastError } from '@holdfast/client';
import { openReplica, type Replica } from '@holdfast/client/replica';
import { createContext, type ReactNode, use, useEffect, useRef, useState } from 'react';
import { navigate } from 'wouter/use-browser-location';
import { type App, AppContext, createApp } from '../data/app.ts';
import { forgetProfile } from '../data/profile.ts';
import { common } from '../texts/common.ts';
import { sessionTexts } from '../texts/session.ts';
import { Button } from '../ui/button.tsx';
import { Opening } from './opening.tsx';

export const createHoldfast = (): HoldfastWithSignIn => createClient({ url: location.origin, session: 'cookie' });

/** Why the sign-in form is shown. */
export interface SignedOut {
  /**
   * `ended`: without a sign-out on this page. `unconfirmed`: the user signed out, but the server did not confirm it. `deleted`:
   * the user deleted the account.
   */
  reason: 'ended' | 'unconfirmed' | 'deleted' | null;
  /** Number of changes that wait on this device for the next sign-in. */
  unsent: number;
}

interface SessionValue {
  holdfast: HoldfastWithSignIn;
  signedOut: SignedOut;
  /** Ends the session of this browser, and deletes the tasks on this device. */
  signOut(): Promise<void>;
  /** Deletes the account, and the tasks on this device. */
  deleteAccount(password: string | undefined): Promise<void>;
}

const SessionContext = createContext<SessionValue | null>(null);

/** The session, also before a sign-in. */
export const useSession = () => use(SessionContext)!;

/** The client, also before a sign-in. */
export const useHoldfast = () => useSession().holdfast;

type State = { kind: 'opening' | 'signed out' } | { kind: 'signed in'; app: App } | { kind: 'failed'; message: string };

interface SessionProps {
  holdfast: HoldfastWithSignIn;
  /** The screens before a sign-in. */
  signedOut: ReactNode;
  children: ReactNode;
}

const notEnded: SignedOut = { reason: null, unsent: 0 };

/** Opens the data of the signed-in user, and closes it when the session ends, also if it ends in another tab. */
export function Session({ holdfast, signedOut: signedOutScreens, children }: SessionProps) {
  const [state, setState] = useState<State>({ kind: 'opening' });
  const [attempt, setAttempt] = useState(0);
  const [signedOut, setSignedOut] = useState(notEnded);
  /** True while the user signs out or deletes the account on this page. */
  const isLeaving = useRef(false);

  useEffect(() => {
    let isOver = false;
    let replica: Replica | undefined;

    async function open(): Promise<void> {
      try {
        const opened = await openReplica(holdfast);
        if (isOver) {
          await opened.close();
          return;
        }
        replica = opened;
        setState({ kind: 'signed in', app: createApp(holdfast, opened) });
      } catch (error) {
        if (isOver) return;
        if (isHoldfastError(error, 'UNAUTHORIZED')) setState({ kind: 'signed out' });
        else setState({ kind: 'failed', message: (error as Error).message });
      }
    }

    const stop = holdfast.session.onChange((isSignedIn) => {
      if (isSignedIn) setSignedOut(notEnded);
      else {
        if (!isLeaving.current && replica !== undefined) {
          setSignedOut({ reason: 'ended', unsent: replica.status.unsent });
        }
        forgetProfile();
      }
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

  async function leave(run: () => Promise<SignedOut>): Promise<void> {
    isLeaving.current = true;
    try {
      setSignedOut(await run());
      navigate('/sign-in', { replace: true });
    } finally {
      isLeaving.current = false;
    }
  }

  const signOut = () =>
    leave(async () => {
      const isConfirmed = await holdfast.signOut().then(
        () => true,
        () => false,
      );
      return isConfirmed ? notEnded : { reason: 'unconfirmed', unsent: 0 };
    });
  const deleteAccount = (password: string | undefined) =>
    leave(async () => {
      await holdfast.user.delete({ password });
      return { reason: 'deleted', unsent: 0 };
    });

  if (state.kind === 'opening') return <Opening />;
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
    <SessionContext value={{ holdfast, signedOut, signOut, deleteAccount }}>
      {state.kind === 'signed in' ? <AppContext value={state.app}>{children}</AppContext> : signedOutScreens}
    </SessionContext>
  );
}

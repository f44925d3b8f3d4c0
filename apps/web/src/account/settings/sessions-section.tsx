import type { ActiveSession } from '@holdfast/client';
import { useEffect, useState } from 'react';
import { useApp, useTimeZone } from '../../data/app.ts';
import { common } from '../../texts/common.ts';
import { formatAgo, formatInstant } from '../../texts/formats.ts';
import { settingsTexts } from '../../texts/settings.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Section } from './section.tsx';

type State = { kind: 'loading' } | { kind: 'failed'; message: string } | { kind: 'ready'; sessions: ActiveSession[] };

/** The devices that are signed in. */
export function SessionsSection({ version }: { version: number }) {
  const { account } = useApp().holdfast;
  const { history } = useApp();
  const [state, setState] = useState<State>({ kind: 'loading' });
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    account.sessions({ signal }).then(
      (sessions) => !signal.aborted && setState({ kind: 'ready', sessions }),
      (error: Error) => !signal.aborted && setState({ kind: 'failed', message: error.message }),
    );
    return () => controller.abort();
  }, [account, version, attempt]);

  async function end(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      history.report((error as Error).message);
    }
    setAttempt((number) => number + 1);
  }

  return (
    <Section title={settingsTexts.sessions} hint={settingsTexts.sessionsHint}>
      {state.kind === 'loading' && <p className="muted">{settingsTexts.loading}</p>}
      {state.kind === 'failed' && (
        <div className="settings-row">
          <p>{state.message}</p>
          <Button onClick={() => setAttempt((number) => number + 1)}>{common.retry}</Button>
        </div>
      )}
      {state.kind === 'ready' && (
        <>
          <ul className="sessions">
            {state.sessions.map((session) => (
              <SessionRow
                key={session.id}
                session={session}
                onEnd={() => void end(() => account.endSession({ id: session.id }))}
              />
            ))}
          </ul>
          {state.sessions.length > 1 && (
            <Button onClick={() => void end(() => account.endOtherSessions())}>{settingsTexts.endOthers}</Button>
          )}
        </>
      )}
    </Section>
  );
}

function SessionRow({ session, onEnd }: { session: ActiveSession; onEnd(): void }) {
  const { device, lastUsedAt, isCurrent } = session;
  const timeZone = useTimeZone();
  const name = device ?? settingsTexts.unknownDevice;
  return (
    <li className="settings-row">
      <Icon name="device" />
      <div>
        <p>{name}</p>
        <p className="muted" title={formatInstant(lastUsedAt, timeZone)}>
          {isCurrent ? settingsTexts.thisDevice : settingsTexts.lastUsed(formatAgo(lastUsedAt))}
        </p>
      </div>
      {!isCurrent && (
        <Button aria-label={settingsTexts.endSession(name)} onClick={onEnd}>
          {settingsTexts.end}
        </Button>
      )}
    </li>
  );
}

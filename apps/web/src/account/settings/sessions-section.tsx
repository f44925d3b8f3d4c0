import type { ActiveSession } from '@holdfast/client';
import { useApp, useTimeZone } from '../../data/app.ts';
import { formatAgo, formatInstant } from '../../texts/formats.ts';
import { settingsTexts } from '../../texts/settings.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Loaded, useAccountData } from './account-data.tsx';
import { Section } from './section.tsx';

/** The devices that are signed in. */
export function SessionsSection({ version }: { version: number }) {
  const { account } = useApp().holdfast;
  const list = useAccountData((options) => account.sessions(options), version);
  return (
    <Section title={settingsTexts.sessions} hint={settingsTexts.sessionsHint}>
      <Loaded data={list}>
        {(sessions) => (
          <>
            <ul className="sessions">
              {sessions.map((session) => (
                <SessionRow
                  key={session.id}
                  session={session}
                  onEnd={() => void list.change(() => account.endSession({ id: session.id }))}
                />
              ))}
            </ul>
            {sessions.length > 1 && (
              <Button onClick={() => void list.change(() => account.endOtherSessions())}>
                {settingsTexts.endOthers}
              </Button>
            )}
          </>
        )}
      </Loaded>
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

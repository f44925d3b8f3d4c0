import { useState } from 'react';
import { useApp, useTimeZone } from '../../data/app.ts';
import { formatInstant } from '../../texts/formats.ts';
import { calendarTexts } from '../../texts/tokens.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Loaded, useAccountData } from './account-data.tsx';
import { NewSecret } from './new-secret.tsx';
import { Section } from './section.tsx';

/** The secret URL with which calendar apps show the due tasks. */
export function CalendarSection() {
  const { calendar } = useApp().holdfast;
  const timeZone = useTimeZone();
  const feed = useAccountData((options) => calendar.get(options));
  const [url, setUrl] = useState<string | null>(null);
  const create = () =>
    feed.change(async () => {
      const { path } = await calendar.create();
      setUrl(new URL(path, location.origin).href);
    });
  return (
    <Section title={calendarTexts.title} hint={calendarTexts.hint}>
      <Loaded data={feed}>
        {({ createdAt }) => (
          <>
            <p className="muted">
              {createdAt === null ? calendarTexts.none : calendarTexts.createdOn(formatInstant(createdAt, timeZone))}
            </p>
            <div className="button-row">
              <Button onClick={() => void create()}>
                {createdAt === null ? calendarTexts.create : calendarTexts.replace}
              </Button>
              {createdAt !== null && (
                <Button onClick={() => void feed.change(() => calendar.revoke())}>{calendarTexts.revoke}</Button>
              )}
            </div>
          </>
        )}
      </Loaded>
      {url !== null && (
        <Dialog title={calendarTexts.newTitle} onClose={() => setUrl(null)}>
          <NewSecret hint={calendarTexts.once} label={calendarTexts.url} value={url} onClose={() => setUrl(null)} />
        </Dialog>
      )}
    </Section>
  );
}

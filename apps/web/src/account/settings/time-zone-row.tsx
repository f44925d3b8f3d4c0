import { useState } from 'react';
import { useApp } from '../../data/app.ts';
import { useStore } from '../../data/store.ts';
import { findDeviceZone } from '../../data/today.ts';
import { formatClock, formatZone } from '../../texts/formats.ts';
import { settingsTexts } from '../../texts/settings.ts';
import { Button } from '../../ui/button.tsx';
import { type Choice, ChoiceList } from '../../ui/choice-list.tsx';
import { Dialog } from '../../ui/dialog.tsx';

const toWords = (text: string) => text.toLowerCase().split(/[\s/_]+/);

/** Zones with each word of the text in their name. */
function findZones(text: string): string[] {
  const words = toWords(text).filter(Boolean);
  return Intl.supportedValuesOf('timeZone').filter((zone) => {
    const names = toWords(zone);
    return words.every((word) => names.some((name) => name.startsWith(word)));
  });
}

/** The zone that decides which day is today. */
export function TimeZoneRow() {
  const { profile, history } = useApp();
  const zone = useStore(profile)?.timeZone ?? null;
  const [isOpen, setOpen] = useState(false);

  function choose(timeZone: string | null): void {
    setOpen(false);
    profile.update({ timeZone }).catch((error: Error) => history.report(error.message));
  }

  return (
    <div className="settings-row">
      <div>
        <p className="settings-label">{settingsTexts.timeZone}</p>
        <p className="settings-value">{zone === null ? settingsTexts.likeDevice : formatZone(zone)}</p>
        <p className="muted">{settingsTexts.timeZoneHint}</p>
      </div>
      <Button aria-label={settingsTexts.changeTimeZone} onClick={() => setOpen(true)}>
        {settingsTexts.change}
      </Button>
      {isOpen && <TimeZoneDialog zone={zone} onChoose={choose} onClose={() => setOpen(false)} />}
    </div>
  );
}

interface TimeZoneDialogProps {
  zone: string | null;
  onChoose(zone: string | null): void;
  onClose(): void;
}

function TimeZoneDialog({ zone, onChoose, onClose }: TimeZoneDialogProps) {
  const [text, setText] = useState('');
  const toChoice = (name: string): Choice => ({
    id: name,
    label: formatZone(name),
    note: formatClock(name),
    checked: name === zone,
    run: () => onChoose(name),
  });
  const device: Choice = {
    id: 'device',
    label: settingsTexts.likeDevice,
    note: formatZone(findDeviceZone()),
    checked: zone === null,
    run: () => onChoose(null),
  };
  const zones = findZones(text).map(toChoice);
  return (
    <Dialog kind="picker" title={settingsTexts.timeZone} onClose={onClose}>
      <ChoiceList
        label={settingsTexts.timeZone}
        placeholder={settingsTexts.timeZoneSearch}
        text={text}
        onText={setText}
        choices={text.trim() === '' ? [device, ...zones] : zones}
        empty={settingsTexts.noTimeZone}
        maxLength={60}
      />
    </Dialog>
  );
}

import { addDays, toWeekday } from '@holdfast/task-values';
import { toNextWeek } from '../../data/present.ts';
import { choiceTexts } from '../../texts/choices.ts';
import { common } from '../../texts/common.ts';
import { formatDate, formatWeekday } from '../../texts/formats.ts';
import { Icon, type IconName } from '../../ui/icon.tsx';

interface ShortcutsProps {
  today: string;
  onChoose(date: string): void;
  /** Absent if there is no date to remove. */
  onRemove: (() => void) | undefined;
}

/** The days that people choose most. */
export function Shortcuts({ today, onChoose, onRemove }: ShortcutsProps) {
  const weekday = toWeekday(today);
  const saturday = addDays(today, weekday < 6 ? 6 - weekday : 13 - weekday);
  const days: [icon: IconName, label: string, date: string][] = [
    ['sun', common.today, today],
    ['arrow', choiceTexts.tomorrow, addDays(today, 1)],
    ['home', weekday < 6 ? choiceTexts.weekend : choiceTexts.nextWeekend, saturday],
    ['upcoming', choiceTexts.nextWeek, toNextWeek(today)],
  ];
  return (
    <div className="date-shortcuts">
      {days.map(([icon, label, date]) => (
        <button key={label} type="button" className="menu-item" onClick={() => onChoose(date)}>
          <Icon name={icon} />
          <span>{label}</span>
          <span className="muted">{date < addDays(today, 7) ? formatWeekday(date) : formatDate(date, today)}</span>
        </button>
      ))}
      {onRemove && (
        <button type="button" className="menu-item" onClick={onRemove}>
          <Icon name="close" />
          <span>{choiceTexts.noDate}</span>
        </button>
      )}
    </div>
  );
}

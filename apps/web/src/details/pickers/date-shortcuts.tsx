import { addDays } from '@holdfast/task-values';
import { findNamedDays, type NamedDay } from '../../data/present.ts';
import { choiceTexts } from '../../texts/choices.ts';
import { formatDate, formatWeekday } from '../../texts/formats.ts';
import { Icon, type IconName } from '../../ui/icon.tsx';

interface ShortcutsProps {
  today: string;
  onChoose(date: string): void;
  /** Absent if there is no date to remove. */
  onRemove: (() => void) | undefined;
}

const icons: Record<NamedDay['name'], IconName> = {
  today: 'sun',
  tomorrow: 'arrow',
  weekend: 'home',
  nextWeekend: 'home',
  nextWeek: 'upcoming',
};

/** A button for each of the days, and one that removes the date. */
export function Shortcuts({ today, onChoose, onRemove }: ShortcutsProps) {
  return (
    <div className="date-shortcuts">
      {findNamedDays(today).map(({ name, date }) => (
        <button key={name} type="button" className="menu-item" onClick={() => onChoose(date)}>
          <Icon name={icons[name]} />
          <span>{choiceTexts.days[name]}</span>
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

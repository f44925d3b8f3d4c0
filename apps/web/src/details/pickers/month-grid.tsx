import { addDays, toWeekday } from '@holdfast/task-values';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTasks } from '../../data/app.ts';
import { findFirstWeekday } from '../../data/present.ts';
import { findDue } from '../../data/views.ts';
import { choiceTexts } from '../../texts/choices.ts';
import { formatDay, formatMonth, formatNumber, formatWeekday } from '../../texts/formats.ts';
import { IconButton } from '../../ui/button.tsx';

interface MonthGridProps {
  today: string;
  /** The chosen day. Empty: no day. */
  date: string;
  onChange(date: string): void;
  /** Called with the day when the user presses Enter. */
  onSubmit(date: string): void;
}

/** The same day of another month, or the last one if that month is shorter. */
function addMonths(date: string, months: number): string {
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  const first = new Date(0);
  first.setUTCFullYear(year, month - 1 + months, 1);
  const last = new Date(first);
  last.setUTCMonth(first.getUTCMonth() + 1, 0);
  return addDays(first.toISOString().slice(0, 10), Math.min(day, last.getUTCDate()) - 1);
}

const toWeekStart = (date: string) => addDays(date, -((toWeekday(date) - findFirstWeekday() + 7) % 7));
/** True for a date with a year from 1 to 9999. */
export const isOfCalendar = (date: string) => /^(?!0000)\d{4}-\d\d-\d\d$/.test(date);

/** A month as a grid of days. Arrow keys move by days and weeks, Page Up and Page Down by months. */
export function MonthGrid({ today, date, onChange, onSubmit }: MonthGridProps) {
  const [focused, setFocused] = useState(isOfCalendar(date) ? date : today);
  const [seen, setSeen] = useState(date);
  const table = useRef<HTMLTableElement>(null);
  const takesFocus = useRef(false);
  const busy = new Set(findDue(useTasks()).map(({ due }) => due!.date));
  // A date from the field moves the grid to its month.
  if (date !== seen) {
    setSeen(date);
    if (isOfCalendar(date)) setFocused(date);
  }

  useEffect(() => {
    if (takesFocus.current) table.current!.querySelector<HTMLElement>('[tabindex="0"]')!.focus();
    takesFocus.current = false;
  }, [focused]);

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'Enter') {
      event.preventDefault();
      return onSubmit(focused);
    }
    const start = toWeekStart(focused);
    const moves: Record<string, () => string> = {
      ArrowLeft: () => addDays(focused, -1),
      ArrowRight: () => addDays(focused, 1),
      ArrowUp: () => addDays(focused, -7),
      ArrowDown: () => addDays(focused, 7),
      Home: () => start,
      End: () => addDays(start, 6),
      PageUp: () => addMonths(focused, event.shiftKey ? -12 : -1),
      PageDown: () => addMonths(focused, event.shiftKey ? 12 : 1),
    };
    const target = moves[event.key]?.();
    if (target === undefined || !isOfCalendar(target)) return undefined;
    event.preventDefault();
    takesFocus.current = true;
    return setFocused(target);
  }

  const month = focused.slice(0, 7);
  const start = toWeekStart(`${month}-01`);
  const weeks = Array.from({ length: 6 }, (_, week) =>
    Array.from({ length: 7 }, (_, day) => addDays(start, 7 * week + day)),
  );
  const step = (months: number) => {
    const target = addMonths(focused, months);
    if (isOfCalendar(target)) setFocused(target);
  };
  return (
    <div className="month">
      <div className="month-header">
        <h3 aria-live="polite">{formatMonth(focused)}</h3>
        <IconButton icon="chevron" className="icon-back" label={choiceTexts.previousMonth} onClick={() => step(-1)} />
        <IconButton icon="chevron" label={choiceTexts.nextMonth} onClick={() => step(1)} />
      </div>
      <table ref={table} role="grid" aria-label={formatMonth(focused)} onKeyDown={onKeyDown}>
        <thead>
          <tr>
            {weeks[0]!.map((day) => (
              <th key={day} scope="col" abbr={formatWeekday(day)}>
                {formatWeekday(day, 'short')}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map((days) => (
            <tr key={days[0]}>
              {days.map((day) => (
                <td key={day} role="gridcell" aria-selected={day === date}>
                  <button
                    type="button"
                    className="day"
                    tabIndex={day === focused ? 0 : -1}
                    aria-label={formatDay(day)}
                    aria-current={day === today ? 'date' : undefined}
                    data-other={day.startsWith(month) ? undefined : true}
                    data-busy={busy.has(day) || undefined}
                    onClick={() => {
                      setFocused(day);
                      onChange(day);
                    }}
                  >
                    {formatNumber(Number(day.slice(8)))}
                  </button>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

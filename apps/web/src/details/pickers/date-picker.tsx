import { findDueProblem } from '@holdfast/task-values';
import { type FormEvent, useState } from 'react';
import { useApp, useTimeZone, useToday } from '../../data/app.ts';
import { choiceTexts } from '../../texts/choices.ts';
import { formatDue } from '../../texts/formats.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import type { PickerProps } from '../pickers.tsx';
import { Shortcuts } from './date-shortcuts.tsx';
import { isOfCalendar, MonthGrid } from './month-grid.tsx';
import { useDateWords } from './use-date-words.ts';
import { usePickedTasks } from './use-picked-tasks.ts';

/** Sets the date of tasks. */
export function DatePicker({ ids, onClose }: PickerProps) {
  const { actions } = useApp();
  const today = useToday();
  const ownZone = useTimeZone();
  const [first, ...others] = usePickedTasks(ids);
  const [initial] = useState(() => {
    const isShared = others.every(({ due }) => JSON.stringify(due) === JSON.stringify(first?.due));
    return isShared ? (first?.due ?? null) : null;
  });
  const [chosenDate, setDate] = useState(initial?.date ?? '');
  const [words, setWords] = useState('');
  const [chosenTime, setTime] = useState(initial?.time ?? '');
  const [isZoned, setZoned] = useState(initial?.timeZone !== undefined);
  const [problem, setProblem] = useState<string | null>(null);
  const worded = useDateWords(words);
  const date = worded?.date ?? chosenDate;
  const time = worded?.time ?? chosenTime;
  const zone = initial?.timeZone ?? ownZone;

  function save(date: string): void {
    if (date === '' && time !== '') return setProblem(choiceTexts.dateMissing);
    const due = date === '' ? null : { date, ...(time !== '' && { time, ...(isZoned && { timeZone: zone }) }) };
    const found = due && findDueProblem(due);
    if (found) return setProblem(found);
    onClose();
    if (JSON.stringify(due) !== JSON.stringify(initial) || others.length > 0) actions.changeTasks(ids, { due });
    return undefined;
  }

  function remove(): void {
    onClose();
    actions.changeTasks(ids, { due: null });
  }

  function choose(day: string): void {
    setWords('');
    setProblem(null);
    setDate(day);
    setTime(time);
  }

  function changeTime(next: string): void {
    choose(date);
    setTime(next);
  }

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const inputs = [...event.currentTarget.querySelectorAll('input')];
    if (inputs.some(({ validity }) => validity.badInput)) setProblem(choiceTexts.timeMalformed);
    else if (words.trim() !== '' && !worded) setProblem(choiceTexts.wordsUnknown);
    else save(date);
  }

  return (
    <Dialog title={choiceTexts.due} onClose={onClose} kind="picker">
      <form className="date-picker" noValidate onSubmit={submit} onChange={() => setProblem(null)}>
        <Field
          label={choiceTexts.words}
          placeholder={choiceTexts.wordsHint}
          autoComplete="off"
          value={words}
          onChange={({ target }) => setWords(target.value)}
        />
        <Shortcuts today={today} onChoose={save} onRemove={initial || others.length > 0 ? remove : undefined} />
        <MonthGrid today={today} date={date} onChange={choose} onSubmit={save} />
        <div className="date-end">
          {time !== '' && (
            <label className="check-line">
              <input type="checkbox" checked={isZoned} onChange={({ target }) => setZoned(target.checked)} />
              <span>
                {choiceTexts.inZone(zone.replaceAll('_', ' '))}
                <span className="field-hint">{choiceTexts.inZoneHint}</span>
              </span>
            </label>
          )}
          {problem && (
            <p className="field-problem" role="alert">
              {problem}
            </p>
          )}
          <p role="status" className="date-summary">
            {isOfCalendar(date) &&
              formatDue({ date, ...(time !== '' && { time }) }, { now: new Date(), timeZone: ownZone })}
          </p>
          <Field
            label={choiceTexts.time}
            type="time"
            value={time}
            onChange={({ target }) => changeTime(target.value)}
          />
          <Button kind="primary" type="submit">
            {choiceTexts.setDate}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

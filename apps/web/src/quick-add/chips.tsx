import { useEffect, useState } from 'react';
import { hasLabel } from '../data/labels.ts';
import { common } from '../texts/common.ts';
import { formatDue } from '../texts/formats.ts';
import { quickAddTexts } from '../texts/quick-add.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import type { QuickAddProps, QuickAddState } from './use-quick-add.ts';

interface Chip {
  id: string;
  icon: IconName;
  text: string;
  /** The text for screen readers. */
  spoken: string;
  className?: string;
  iconClassName?: string;
  remove(): void;
}

const { chip: spoken } = quickAddTexts;

/** The values in the line, in the order in which tasks show them. */
export function toChips(state: QuickAddState, { lists, timeZone }: QuickAddProps): Chip[] {
  const { found, date, kept, text, isUnknown, isNewList, setLiteral } = state;
  const present = { now: new Date(), timeZone };
  const ofKind = (kind: string) => found.parts.filter((part) => part.kind === kind);
  const nameOf = (id: string | null) => lists.find((list) => list.id === id)?.name ?? common.inbox;
  const chips: Chip[] = [];
  const due = found.due ?? (date === undefined || text.trim() === '' ? null : { date });
  if (due) {
    const name = formatDue(due, present);
    const remove = found.due ? () => setLiteral(ofKind('due')) : state.removeDate;
    chips.push({ id: 'due', icon: 'calendar', text: name, spoken: spoken.due(name), remove });
  }
  if (found.list !== null || kept) {
    const name = found.list === null || found.listId !== undefined ? nameOf(found.listId ?? null) : found.list;
    const isNew = found.listId === undefined && isNewList(name);
    const words = isUnknown ? spoken.unknownList(name) : isNew ? spoken.newList(name) : spoken.list(name);
    chips.push({
      id: 'list',
      icon: 'list',
      text: isNew ? common.newList(name) : name,
      spoken: words,
      ...(isUnknown && { className: 'chip-unknown' }),
      remove: found.list === null ? state.removeKept : () => setLiteral(ofKind('list')),
    });
  }
  for (const label of found.labels) {
    chips.push({
      id: `label-${label}`,
      icon: 'label',
      text: label,
      spoken: spoken.label(label),
      remove: () => setLiteral(ofKind('label').filter((part) => hasLabel([label], part.text.slice(1)))),
    });
  }
  if (found.priority > 0) {
    const name = common.priorities[found.priority];
    chips.push({
      id: 'priority',
      icon: 'flag',
      text: name,
      spoken: spoken.priority(name),
      iconClassName: `priority-text-${found.priority}`,
      remove: () => setLiteral(ofKind('priority')),
    });
  }
  return chips;
}

interface ChipsProps {
  chips: readonly Chip[];
  /** The name of a list that could be created. */
  unknownList: string | null;
  onCreateList(name: string): void;
  /** Gives the focus back to the field. */
  onDone(): void;
}

/** Each chip is a button that sets its part back to text. */
export function Chips({ chips, unknownList, onCreateList, onDone }: ChipsProps) {
  return (
    <>
      {chips.length > 0 && (
        <ul className="chips" aria-label={quickAddTexts.understood}>
          {chips.map(({ id, icon, text, className = '', iconClassName = '', remove }) => (
            <li key={id}>
              <button
                type="button"
                className={`chip ${className}`}
                onClick={() => {
                  remove();
                  onDone();
                }}
              >
                <span className={`chip-icon ${iconClassName}`}>
                  <Icon name={icon} />
                </span>
                <span className="chip-text">{text}</span>
                <span className="visually-hidden">{quickAddTexts.remove}</span>
                <Icon name="close" />
              </button>
            </li>
          ))}
          {unknownList !== null && (
            <li>
              <button
                type="button"
                className="chip chip-create"
                onClick={() => {
                  onCreateList(unknownList);
                  onDone();
                }}
              >
                <Icon name="add" />
                <span className="chip-text">{quickAddTexts.createList(unknownList)}</span>
              </button>
            </li>
          )}
        </ul>
      )}
      <Announcement text={chips.map((chip) => chip.spoken).join('. ')} />
    </>
  );
}

/** Each new text interrupts a screen reader, so the text changes only after a pause. */
const pauseMs = 800;

function Announcement({ text }: { text: string }) {
  const [heard, setHeard] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setHeard(text), pauseMs);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <p className="visually-hidden" role="status">
      {heard}
    </p>
  );
}

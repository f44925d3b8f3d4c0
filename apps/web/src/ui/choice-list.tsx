import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { ListDot } from '../lists/list-dot.tsx';
import { choiceTexts } from '../texts/choices.ts';
import { Icon, type IconName } from './icon.tsx';

export interface Choice {
  id: string;
  label: string;
  /** Heading of the choices that follow each other with the same group. */
  group?: string;
  icon?: IconName;
  color?: string | null;
  /** A short text after the label. */
  note?: string | undefined;
  /** Only in a list of several choices. `mixed`: only some of the tasks have it. */
  checked?: boolean | 'mixed';
  run(): void;
}

interface ChoiceListProps {
  /** Name of the field and of the list. */
  label: string;
  placeholder?: string;
  text: string;
  onText(text: string): void;
  choices: readonly Choice[];
  /** The text of a list without choices. */
  empty: string;
  /** Most characters of the text. */
  maxLength?: number;
  isMultiple?: boolean;
}

/** A text field that filters a list of choices below it: the combobox pattern of WAI-ARIA. The focus stays in the field. */
export function ChoiceList({ label, text, onText, choices, empty, isMultiple = false, ...input }: ChoiceListProps) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [activeId, setActiveId] = useState<string | null>(null);
  const found = choices.findIndex((choice) => choice.id === activeId);
  const at = found === -1 ? 0 : found;
  const active = choices[at];

  useEffect(() => {
    list.current!.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest' });
  }, [active?.id]);

  function onKeyDown(event: KeyboardEvent): void {
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 8, PageUp: at - 8 };
    const target = steps[event.key];
    if (event.nativeEvent.isComposing || choices.length === 0) return;
    if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) active?.run();
    else if (target === undefined) return;
    else if (event.key.startsWith('Page'))
      setActiveId(choices.at(Math.min(Math.max(target, 0), choices.length - 1))!.id);
    else setActiveId(choices.at(target % choices.length)!.id);
    event.preventDefault();
  }

  const groups = [...Map.groupBy(choices, ({ group }) => group)];
  return (
    <div className="choices">
      <input
        {...input}
        type="text"
        className="choices-field"
        role="combobox"
        aria-label={label}
        aria-expanded="true"
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={active && `${id}-${active.id}`}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        enterKeyHint="done"
        value={text}
        onChange={({ target }) => {
          setActiveId(null);
          onText(target.value);
        }}
        onKeyDown={onKeyDown}
      />
      <div
        ref={list}
        id={id}
        role="listbox"
        aria-label={label}
        aria-multiselectable={isMultiple || undefined}
        className="choices-list"
        // The focus stays in the field.
        onPointerDown={(event) => event.preventDefault()}
      >
        {groups.map(([group, some]) => (
          <div key={group ?? ''} role={group && 'group'} aria-label={group}>
            {group && (
              <p className="choices-group" aria-hidden="true">
                {group}
              </p>
            )}
            {some.map((choice) => (
              <Option
                key={choice.id}
                id={`${id}-${choice.id}`}
                choice={choice}
                isActive={choice === active}
                onPoint={() => setActiveId(choice.id)}
              />
            ))}
          </div>
        ))}
      </div>
      <p className={choices.length === 0 ? 'choices-empty muted' : 'visually-hidden'} role="status">
        {choices.length === 0 ? empty : choiceTexts.count(choices.length)}
      </p>
    </div>
  );
}

interface OptionProps {
  id: string;
  choice: Choice;
  isActive: boolean;
  onPoint(): void;
}

function Option({ id, choice, isActive, onPoint }: OptionProps) {
  const { label, icon, color, note, checked, run } = choice;
  return (
    <div
      id={id}
      role="option"
      aria-selected={checked === undefined ? isActive : checked === true}
      aria-checked={checked}
      data-active={isActive || undefined}
      className="choice"
      onPointerMove={onPoint}
      onClick={run}
    >
      {icon && (
        <span className="side-mark">{icon === 'list' ? <ListDot color={color ?? null} /> : <Icon name={icon} />}</span>
      )}
      <span className="choice-label" dir="auto">
        {label}
      </span>
      {note && <span className="choice-note">{note}</span>}
      {checked === true && <Icon name="check" />}
      {checked === 'mixed' && <Icon name="minus" />}
    </div>
  );
}

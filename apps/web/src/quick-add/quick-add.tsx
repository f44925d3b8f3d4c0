import {
  type ClipboardEvent,
  type FormEvent,
  type KeyboardEvent,
  useEffect,
  useEffectEvent,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { common } from '../texts/common.ts';
import { layoutTexts } from '../texts/layout.ts';
import { Icon } from '../ui/icon.tsx';
import { Chips, toChips } from './chips.tsx';
import { loadDates } from './dates.ts';
import { toLines } from './interpret.ts';
import { Mirror } from './mirror.tsx';
import { Pasted } from './pasted.tsx';
import { findToken, suggest, type Suggestion, toMarker } from './suggest.ts';
import { Suggestions } from './suggestions.tsx';
import type { Typed } from './typed.ts';
import { type QuickAddProps, useQuickAdd } from './use-quick-add.ts';

/** The field that adds tasks. It shows what it understands of a line as chips, and suggests labels and lists. */
export function QuickAdd({ typed, ...props }: QuickAddProps & { typed: Typed }) {
  const state = useQuickAdd(props, typed.text);
  const { text, found } = state;
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  /** Place of the caret while the user writes. Null hides the suggestions. */
  const [caret, setCaret] = useState<number | null>(null);
  const [activeId, setActiveId] = useState<string | null>(null);
  const [pasted, setPasted] = useState<{ lines: readonly string[]; problem: string | null } | null>(null);
  const nextCaret = useRef(typed.caret);
  const waiting = useRef(typed.lines);

  useLayoutEffect(() => {
    if (nextCaret.current === null) return;
    field.current!.focus();
    field.current!.setSelectionRange(nextCaret.current, nextCaret.current);
    nextCaret.current = null;
  });

  const token = caret === null ? undefined : findToken(text, caret);
  const suggestions = token ? suggest(token, { ...props, inbox: common.inbox }) : [];
  const isWritten =
    suggestions.some(({ name }) => name.toLowerCase() === token!.query.toLowerCase()) &&
    suggestions.every(({ isNew }) => !isNew);
  const isOpen = suggestions.length > (isWritten ? 1 : 0);
  // With an empty or a whole name, Enter adds the task.
  const first = isWritten || token?.query === '' ? undefined : suggestions[0];
  const active = isOpen ? (suggestions.find((suggestion) => suggestion.id === activeId) ?? first) : undefined;

  function write(value: string, at: number | null): void {
    state.write(value);
    setCaret(at);
    setActiveId(null);
  }

  function choose(suggestion: Suggestion): void {
    const { start, end } = token!;
    const marker = toMarker(suggestion);
    const rest = text.slice(end).replace(/^\s?/, ' ');
    nextCaret.current = start + marker.length + 1;
    write(text.slice(0, start) + marker + rest, null);
    if (suggestion.isNew && suggestion.kind === 'list') state.createList(suggestion.name);
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>): void {
    if (!isOpen || event.nativeEvent.isComposing) return;
    const at = active ? suggestions.indexOf(active) : -1;
    const isChoice = active && (event.key === 'Enter' || (event.key === 'Tab' && !event.shiftKey));
    if (event.key === 'ArrowDown') setActiveId(suggestions[(at + 1) % suggestions.length]!.id);
    else if (event.key === 'ArrowUp') setActiveId(suggestions.at(at <= 0 ? -1 : at - 1)!.id);
    else if (event.key === 'Escape') setCaret(null);
    else if (isChoice) choose(active);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function onPaste(event: ClipboardEvent<HTMLInputElement>): void {
    const { selectionStart, selectionEnd } = event.currentTarget;
    const added = event.clipboardData.getData('text/plain');
    if (toLines(added).length < 2) return;
    const lines = toLines(text.slice(0, selectionStart ?? 0) + added + text.slice(selectionEnd ?? 0));
    event.preventDefault();
    setPasted({ lines, problem: null });
  }

  function closePasted(): void {
    setPasted(null);
    field.current!.focus();
  }

  async function addAll(lines: readonly string[]): Promise<void> {
    const problem = await state.addLines(lines);
    if (problem !== null) return setPasted({ lines, problem });
    state.write('');
    return closePasted();
  }

  const addWaiting = useEffectEvent(async () => {
    const lines = waiting.current;
    waiting.current = [];
    if (lines.length === 0) return;
    const problem = await state.addLines(lines);
    if (problem !== null) setPasted({ lines, problem });
  });
  useEffect(() => void addWaiting(), []);

  return (
    <form
      className="quick-add"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        setCaret(null);
        state.submit();
      }}
    >
      <div className="field-line quick-add-line">
        <Icon name="add" />
        <div className="quick-add-text">
          <Mirror text={text} parts={found.parts} field={field} />
          <input
            ref={field}
            data-quick-add
            type="text"
            role="combobox"
            aria-label={layoutTexts.newTask}
            aria-description={layoutTexts.newTaskHint}
            aria-autocomplete="list"
            aria-expanded={isOpen}
            aria-controls={isOpen ? `${id}-list` : undefined}
            aria-activedescendant={active && `${id}-list-${active.id}`}
            aria-invalid={state.problem !== null}
            aria-errormessage={state.problem === null ? undefined : `${id}-problem`}
            autoComplete="off"
            enterKeyHint="done"
            placeholder={layoutTexts.newTask}
            value={text}
            onFocus={() => void loadDates()}
            onBlur={() => setCaret(null)}
            onChange={({ target }) => write(target.value, target.selectionStart)}
            onSelect={({ currentTarget }) => {
              if (currentTarget.selectionStart !== caret) setCaret(null);
            }}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
          />
        </div>
      </div>
      {isOpen && (
        <Suggestions
          id={`${id}-list`}
          kind={token!.kind}
          suggestions={suggestions}
          active={active}
          list={list}
          onChoose={choose}
        />
      )}
      <Chips
        chips={toChips(state, props)}
        unknownList={state.isUnknown ? found.list : null}
        onCreateList={state.createList}
        onDone={() => field.current!.focus()}
      />
      {state.problem !== null && (
        <p id={`${id}-problem`} className="field-problem" role="alert">
          {state.problem}
        </p>
      )}
      {pasted && (
        <Pasted
          {...pasted}
          onAddAll={() => void addAll(pasted.lines)}
          onAddAsOne={() => {
            write(pasted.lines.join(' '), null);
            closePasted();
          }}
          onCancel={closePasted}
        />
      )}
    </form>
  );
}

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
import { Chips, toChips } from './chips.tsx';
import { loadDates } from './dates.ts';
import { LineField } from './line-field.tsx';
import { takePastedLines } from './lines.ts';
import { Mirror } from './mirror.tsx';
import { Pasted } from './pasted.tsx';
import { findToken, isWritten, suggest, type Suggestion, toMarker } from './suggest.ts';
import { Suggestions } from './suggestions.tsx';
import type { Typed } from './typed.ts';
import { type QuickAddProps, useQuickAdd } from './use-quick-add.ts';

/** The field that adds tasks. Chips show the values that it finds in a line. It also suggests labels and lists. */
export function QuickAdd({ typed, ...props }: QuickAddProps & { typed: Typed }) {
  const state = useQuickAdd(props, typed.text);
  const { text, found } = state;
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  /** Place of the caret while the user writes. Null hides the suggestions. */
  const [caret, setCaret] = useState<number | null>(null);
  const [activeId, setActiveId] = useState<string | null>(null);
  const [pasted, setPasted] = useState<{ lines: readonly string[]; problem: string | null } | null>(
    typed.pasted && { lines: typed.pasted, problem: null },
  );
  const nextCaret = useRef(typed.pasted === null ? typed.caret : null);
  const waiting = useRef(typed.lines);

  useLayoutEffect(() => {
    if (nextCaret.current === null) return;
    field.current!.focus();
    field.current!.setSelectionRange(nextCaret.current, nextCaret.current);
    nextCaret.current = null;
  });

  const token = caret === null ? undefined : findToken(text, caret);
  const suggestions = token ? suggest(token, { ...props, inbox: common.inbox }) : [];
  const isKnown = suggestions.some((suggestion) => !suggestion.isNew && isWritten(suggestion, token!.query));
  const isOpen = suggestions.length > (isKnown ? 1 : 0);
  // With an empty or a whole name, Enter adds the task.
  const first = isKnown || token?.query === '' ? undefined : suggestions.find(({ isLikely }) => isLikely);
  const active = isOpen ? (suggestions.find((suggestion) => suggestion.id === activeId) ?? first) : undefined;

  function write(value: string, at: number | null): void {
    state.write(value);
    setCaret(at);
    setActiveId(null);
  }

  function complete(suggestion: Suggestion) {
    const before = text.slice(0, token!.start) + toMarker(suggestion);
    return { line: before + text.slice(token!.end).replace(/^\s?/, ' '), caret: before.length + 1 };
  }

  function choose(suggestion: Suggestion): void {
    const { line, caret } = complete(suggestion);
    nextCaret.current = caret;
    write(line, null);
    if (suggestion.isNew && suggestion.kind === 'list') state.createList(suggestion.name);
  }

  /** A name that is written in full needs no second Enter. */
  function enter(suggestion: Suggestion): void {
    if (!isWritten(suggestion, token!.query)) return choose(suggestion);
    const { isNew, kind, name } = suggestion;
    setCaret(null);
    void state.submitWith(complete(suggestion).line, isNew && kind === 'list' ? name : null);
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>): void {
    if (!isOpen || event.nativeEvent.isComposing) return;
    const at = active ? suggestions.indexOf(active) : -1;
    if (event.key === 'ArrowDown') setActiveId(suggestions[(at + 1) % suggestions.length]!.id);
    else if (event.key === 'ArrowUp') setActiveId(suggestions.at(at <= 0 ? -1 : at - 1)!.id);
    else if (event.key === 'Escape') setCaret(null);
    else if (active && event.key === 'Enter') enter(active);
    else if (active && event.key === 'Tab' && !event.shiftKey) choose(active);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function onPaste(event: ClipboardEvent<HTMLInputElement>): void {
    const lines = takePastedLines(event);
    if (lines !== null) setPasted({ lines, problem: null });
  }

  function closePasted(): void {
    setPasted(null);
    field.current!.focus();
  }

  async function addAll(lines: readonly string[]): Promise<void> {
    const problem = await state.addLines(lines);
    if (problem !== null) return setPasted({ lines, problem });
    state.remove(text);
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
        void state.submit();
      }}
    >
      <LineField
        ref={field}
        aria-expanded={isOpen}
        aria-controls={isOpen ? `${id}-list` : undefined}
        aria-activedescendant={active && `${id}-list-${active.id}`}
        aria-invalid={state.problem !== null}
        aria-errormessage={state.problem === null ? undefined : `${id}-problem`}
        value={text}
        onFocus={() => void loadDates()}
        onBlur={() => setCaret(null)}
        onChange={({ target }) => write(target.value, target.selectionStart)}
        onSelect={({ currentTarget }) => {
          if (currentTarget.selectionStart !== caret) setCaret(null);
        }}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
      >
        <Mirror text={text} parts={found.parts} field={field} />
      </LineField>
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
        <p id={`${id}-problem`} className="quick-add-problem" role="alert">
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

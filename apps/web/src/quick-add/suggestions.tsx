import { type RefObject, useEffect } from 'react';
import { ListDot } from '../lists/list-dot.tsx';
import { quickAddTexts } from '../texts/quick-add.ts';
import { Icon } from '../ui/icon.tsx';
import type { Suggestion } from './suggest.ts';

interface SuggestionsProps {
  id: string;
  kind: 'label' | 'list';
  suggestions: readonly Suggestion[];
  active: Suggestion | undefined;
  list: RefObject<HTMLUListElement | null>;
  onChoose(suggestion: Suggestion): void;
}

/** The options of the field. The focus stays in the field. */
export function Suggestions({ id, kind, suggestions, active, list, onChoose }: SuggestionsProps) {
  useEffect(() => {
    list.current!.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [active?.id, list]);
  return (
    <ul
      ref={list}
      id={id}
      role="listbox"
      className="suggestions"
      aria-label={kind === 'label' ? quickAddTexts.suggestedLabels : quickAddTexts.suggestedLists}
      onPointerDown={(event) => event.preventDefault()}
    >
      {suggestions.map((suggestion) => (
        <li
          key={suggestion.id}
          id={`${id}-${suggestion.id}`}
          role="option"
          aria-selected={suggestion === active}
          className="choice suggestion"
          onClick={() => onChoose(suggestion)}
        >
          <span className="side-mark">
            {suggestion.kind === 'list' && !suggestion.isNew ? (
              <ListDot color={suggestion.color} />
            ) : (
              <Icon name={suggestion.isNew ? 'add' : kind} />
            )}
          </span>
          {suggestion.text}
        </li>
      ))}
    </ul>
  );
}

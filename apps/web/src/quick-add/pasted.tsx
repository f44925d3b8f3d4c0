import { useEffect, useId, useRef } from 'react';
import { common } from '../texts/common.ts';
import { quickAddTexts } from '../texts/quick-add.ts';
import { Button } from '../ui/button.tsx';

interface PastedProps {
  lines: readonly string[];
  problem: string | null;
  onAddAll(): void;
  onAddAsOne(): void;
  onCancel(): void;
}

const shownMax = 5;
const linesMax = 500;

/** Asks how to add several pasted lines. */
export function Pasted({ lines, problem, onAddAll, onAddAsOne, onCancel }: PastedProps) {
  const id = useId();
  const group = useRef<HTMLDivElement>(null);
  const isTooMany = lines.length > linesMax;
  useEffect(() => group.current!.querySelector('button')?.focus(), []);
  return (
    <div
      ref={group}
      role="group"
      aria-labelledby={id}
      className="pasted"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        event.stopPropagation();
        onCancel();
      }}
    >
      <p id={id} className="pasted-title">
        {isTooMany ? quickAddTexts.tooMany(lines.length) : quickAddTexts.addMany(lines.length)}
      </p>
      <ul className="pasted-lines">
        {lines.slice(0, shownMax).map((line, at) => (
          // oxlint-disable-next-line react/no-array-index-key -- A line can occur twice.
          <li key={at}>{line}</li>
        ))}
        {lines.length > shownMax && <li className="muted">{quickAddTexts.more(lines.length - shownMax)}</li>}
      </ul>
      {problem !== null && (
        <p className="field-problem" role="alert">
          {problem}
        </p>
      )}
      <div className="button-row">
        {!isTooMany && (
          <Button kind="primary" onClick={onAddAll}>
            {quickAddTexts.addAll(lines.length)}
          </Button>
        )}
        <Button onClick={onAddAsOne}>{quickAddTexts.addAsOne}</Button>
        <Button onClick={onCancel}>{common.cancel}</Button>
      </div>
    </div>
  );
}

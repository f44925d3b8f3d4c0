import { type KeyboardEvent, useId, useLayoutEffect, useRef } from 'react';

interface GrowingTextProps {
  label: string;
  text: string;
  onText(text: string): void;
  onBlur(): void;
  onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void;
  className: string;
  placeholder?: string;
  /** The problem of the text. */
  problem?: string | undefined;
}

/** A text area that is as tall as its text. */
export function GrowingText({ label, text, onText, problem, ...rest }: GrowingTextProps) {
  const ref = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    if (CSS.supports('field-sizing', 'content')) return;
    const area = ref.current!;
    area.style.blockSize = 'auto';
    area.style.blockSize = `${area.scrollHeight}px`;
  }, [text]);
  return (
    <>
      <textarea
        dir="auto"
        {...rest}
        ref={ref}
        rows={1}
        aria-label={label}
        aria-invalid={problem !== undefined || undefined}
        aria-describedby={problem && id}
        value={text}
        onChange={({ target }) => onText(target.value)}
      />
      {problem && (
        <p id={id} className="field-problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}

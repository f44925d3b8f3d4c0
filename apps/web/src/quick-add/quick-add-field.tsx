import { useCallback, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { LineField } from './line-field.tsx';
import { takePastedLines } from './lines.ts';
import type { QuickAdd } from './quick-add.tsx';
import type { Typed } from './typed.ts';
import type { QuickAddProps } from './use-quick-add.ts';

let Loaded: typeof QuickAdd | undefined;

async function load(): Promise<void> {
  ({ QuickAdd: Loaded } = await import('./quick-add.tsx'));
}

/** Milliseconds before the next attempt to load the code. */
const retryMs = 2000;

const nothing: Typed = { text: '', caret: null, lines: [], pasted: null };

/** The field that adds tasks. Until its code is loaded, a plain field stores the typed text. */
export function QuickAddField(props: QuickAddProps) {
  const [typed, setTyped] = useState(Loaded && nothing);
  if (typed !== undefined && Loaded) return <Loaded {...props} typed={typed} />;
  return <PlainField onLoad={(typed) => flushSync(() => setTyped(typed))} />;
}

function PlainField({ onLoad }: { onLoad(typed: Typed): void }) {
  const field = useRef<HTMLInputElement>(null);
  const lines = useRef<string[]>([]);
  const pasted = useRef<readonly string[] | null>(null);
  const isComposing = useRef(false);
  const finish = useRef(onLoad);

  const replace = useCallback(() => {
    const input = field.current;
    // A new field would end an unfinished character of an input method.
    if (!input || !Loaded || isComposing.current) return;
    const caret = document.activeElement === input ? input.selectionStart : null;
    finish.current({ text: input.value, caret, lines: lines.current, pasted: pasted.current });
  }, []);
  useEffect(() => {
    let retry: ReturnType<typeof setTimeout>;
    const loadAndReplace = () => void load().then(replace, () => (retry = setTimeout(loadAndReplace, retryMs)));
    loadAndReplace();
    return () => clearTimeout(retry);
  }, [replace]);

  return (
    <form
      className="quick-add"
      onSubmit={(event) => {
        event.preventDefault();
        const input = field.current!;
        if (input.value.trim() !== '') lines.current.push(input.value);
        input.value = '';
      }}
    >
      <LineField
        ref={field}
        onPaste={(event) => {
          pasted.current = takePastedLines(event) ?? pasted.current;
        }}
        onCompositionStart={() => (isComposing.current = true)}
        onCompositionEnd={() => {
          isComposing.current = false;
          replace();
        }}
      />
    </form>
  );
}

import type { Part } from '@holdfast/quick-add';
import { type RefObject, useEffect, useRef } from 'react';

interface MirrorProps {
  text: string;
  parts: readonly Part[];
  field: RefObject<HTMLInputElement | null>;
}

/** Marks the understood parts behind the field. It scrolls with the field. */
export function Mirror({ text, parts, field }: MirrorProps) {
  const mirror = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const input = field.current!;
    const follow = () => {
      mirror.current!.scrollLeft = input.scrollLeft;
    };
    follow();
    input.addEventListener('scroll', follow);
    return () => input.removeEventListener('scroll', follow);
  }, [text, field]);
  return (
    <div ref={mirror} className="quick-add-mirror" dir="auto" aria-hidden="true">
      {parts.map(({ kind, start, end }, at) => (
        <span key={start}>
          {text.slice(parts[at - 1]?.end ?? 0, start)}
          <mark className={`mark-${kind}`}>{text.slice(start, end)}</mark>
        </span>
      ))}
      {text.slice(parts.at(-1)?.end ?? 0)}
    </div>
  );
}

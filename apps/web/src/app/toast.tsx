import { useDeferredValue, useEffect, useRef, useState } from 'react';
import { useApp } from '../data/app.ts';
import { useStore } from '../data/store.ts';
import { common } from '../texts/common.ts';
import { layoutTexts } from '../texts/layout.ts';
import { Button, IconButton } from '../ui/button.tsx';

const shownMs = 8000;

/** Reports the last action and offers to undo it. It remains as long as the pointer or the focus is on it. */
export function Toast() {
  const { history } = useApp();
  // The change itself is painted first.
  const notice = useDeferredValue(useStore(history.notice));
  const [isHeld, setHeld] = useState(false);
  const area = useRef<HTMLElement>(null);
  const hide = () => {
    setHeld(false);
    history.notice.set(null);
  };

  useEffect(() => {
    if (notice === null || isHeld) return undefined;
    const timer = setTimeout(() => history.notice.set(null), shownMs);
    return () => clearTimeout(timer);
  }, [history, notice, isHeld]);
  useEffect(() => {
    if (notice === null) return undefined;
    const popover = area.current!;
    // Above a dialog that is open already.
    popover.showPopover();
    return () => popover.hidePopover();
  }, [notice]);

  return (
    <>
      <p className="visually-hidden" role="status">
        {notice?.text}
      </p>
      <section ref={area} className="toast-area" popover="manual" aria-label={layoutTexts.notice}>
        {notice && (
          <div
            key={notice.id}
            className={`toast toast-${notice.kind}`}
            onPointerEnter={() => setHeld(true)}
            onPointerLeave={() => setHeld(false)}
            onFocus={() => setHeld(true)}
            onBlur={() => setHeld(false)}
          >
            <p>{notice.text}</p>
            {notice.kind === 'done' && <Button onClick={history.undo}>{common.undo}</Button>}
            <IconButton icon="close" label={common.close} onClick={hide} />
          </div>
        )}
      </section>
    </>
  );
}

import { useEffect, useState } from 'react';
import { useApp } from '../data/app.ts';
import { useStore } from '../data/store.ts';
import { common } from '../texts/common.ts';
import { Button, IconButton } from '../ui/button.tsx';

const shownMs = 8000;

/** Tells what the last action did, and offers to undo it. It stays while the user points at it or focuses it. */
export function Toast() {
  const { history } = useApp();
  const notice = useStore(history.notice);
  const [isHeld, setHeld] = useState(false);
  const hide = () => history.notice.set(null);

  useEffect(() => {
    if (notice === null || isHeld) return undefined;
    const timer = setTimeout(hide, shownMs);
    return () => clearTimeout(timer);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- `hide` is the same for each render.
  }, [notice, isHeld]);

  return (
    <div className="toast-area" role="status">
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
    </div>
  );
}

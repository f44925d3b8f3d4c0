import { type MouseEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { useApp } from '../data/app.ts';
import { OpenTask } from '../details/open-task.tsx';
import { layoutTexts } from '../texts/layout.ts';
import { PlaceBar } from './place-bar.tsx';
import { QuickAddDialog } from './quick-add-dialog.tsx';
import { useScrollMemory } from './scroll.ts';
import { Shortcuts } from './shortcuts.tsx';
import { Sidebar } from './sidebar.tsx';
import { StatusLines } from './status-lines.tsx';
import { Toast } from './toast.tsx';

/** The age at which the stored account is read again: at the start, and when the user returns to the page. */
const ageAtStartMs = 60 * 60 * 1000;
const ageOnReturnMs = 60_000;

/** The frame around the screens of a signed-in user. On small screens, a bar has the main places and opens the sidebar. */
export function Layout({ children }: { children: ReactNode }) {
  const { profile } = useApp();
  const [path] = useLocation();
  const side = useRef<HTMLDivElement>(null);
  const [isAdding, setAdding] = useState(false);
  useScrollMemory();

  const closeSide = () => {
    if (side.current!.matches(':popover-open')) side.current!.hidePopover();
  };
  useEffect(closeSide, [path]);
  useEffect(() => {
    const refresh = (ageMs: number) => void profile.refresh(ageMs).catch(() => {});
    // The page shows the stored account until the response arrives.
    const timer = setTimeout(refresh, profile.get() ? 1000 : 0, ageAtStartMs);
    // The user may have been at another device.
    const onShow = () => document.visibilityState === 'visible' && refresh(ageOnReturnMs);
    document.addEventListener('visibilitychange', onShow);
    window.addEventListener('storage', profile.onStorage);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onShow);
      window.removeEventListener('storage', profile.onStorage);
    };
  }, [profile]);

  const onSideClick = ({ target }: MouseEvent) => {
    if ((target as Element).closest('a')) closeSide();
  };
  return (
    <div className="layout">
      <a className="skip-link" href="#main">
        {layoutTexts.skip}
      </a>
      <div className="side-column">
        {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions, jsx-a11y/click-events-have-key-events -- Links also click with the keyboard. */}
        <div id="side" ref={side} className="side-frame" popover="auto" onClick={onSideClick}>
          <Sidebar />
        </div>
        <StatusLines />
      </div>
      <PlaceBar onAdd={() => setAdding(true)} />
      <div className="content">{children}</div>
      <OpenTask />
      {isAdding && <QuickAddDialog onClose={() => setAdding(false)} />}
      <Toast />
      <Shortcuts onAdd={() => setAdding(true)} />
    </div>
  );
}

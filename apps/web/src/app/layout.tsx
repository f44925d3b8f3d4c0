import { type ReactNode, useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { useApp } from '../data/app.ts';
import { OpenTask } from '../details/open-task.tsx';
import { common } from '../texts/common.ts';
import { layoutTexts } from '../texts/layout.ts';
import { IconButton } from '../ui/button.tsx';
import { Shortcuts } from './shortcuts.tsx';
import { Sidebar } from './sidebar.tsx';
import { SyncStatus } from './sync-status.tsx';
import { Toast } from './toast.tsx';

/** The frame around the screens of a signed-in user. On phones, the sidebar is a popover. */
export function Layout({ children }: { children: ReactNode }) {
  const { profile } = useApp();
  const [path] = useLocation();
  const side = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (side.current!.matches(':popover-open')) side.current!.hidePopover();
  }, [path]);
  useEffect(() => {
    // The page shows the stored account until the response arrives.
    const timer = setTimeout(() => void profile.refresh().catch(() => {}), 1000);
    return () => clearTimeout(timer);
  }, [profile]);

  return (
    <div className="layout">
      <a className="skip-link" href="#main">
        {layoutTexts.skip}
      </a>
      <header className="top-bar">
        <IconButton icon="menu" label={layoutTexts.openMenu} popoverTarget="side" />
        <span className="top-name">{common.appName}</span>
      </header>
      <div id="side" ref={side} className="side-frame" popover="auto">
        <Sidebar />
        <SyncStatus />
      </div>
      <div className="content">{children}</div>
      <OpenTask />
      <Toast />
      <Shortcuts />
    </div>
  );
}

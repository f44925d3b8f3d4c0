import { type ReactNode, useEffect, useLayoutEffect, useRef } from 'react';
import { common } from '../texts/common.ts';
import { restoreScroll } from './scroll.ts';

interface ScreenProps {
  title: string;
  /** A line below the title. */
  subtitle?: string | undefined;
  /** A small sign before the title, such as the color of a list. */
  mark?: ReactNode;
  /** Controls beside the title. */
  actions?: ReactNode;
  children: ReactNode;
}

/** The page at the last focus of a title. The first page leaves the focus to the browser. */
let focusedPath = location.pathname;

/** The main part of a page. After a change of the page, its title gets the focus, so that screen readers read it. */
export function Screen({ title, subtitle, mark, actions, children }: ScreenProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${common.appName}`;
  }, [title]);
  useLayoutEffect(restoreScroll, []);
  useEffect(() => {
    const hasMoved = location.pathname !== focusedPath;
    focusedPath = location.pathname;
    if (hasMoved && !document.querySelector('dialog[open]')) heading.current!.focus({ preventScroll: true });
  }, []);
  return (
    <main className="screen" id="main" tabIndex={-1}>
      <header className="screen-header">
        <div className="screen-title">
          <h1 ref={heading} tabIndex={-1}>
            {mark}
            <bdi>{title}</bdi>
          </h1>
          {subtitle && <p className="muted">{subtitle}</p>}
        </div>
        {actions}
      </header>
      {children}
    </main>
  );
}

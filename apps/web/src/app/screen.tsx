import { type ReactNode, useEffect, useRef } from 'react';
import { common } from '../texts/common.ts';

interface ScreenProps {
  title: string;
  /** A line below the title. */
  subtitle?: string;
  /** Controls beside the title. */
  actions?: ReactNode;
  children: ReactNode;
}

/** The main part of a page. After a change of the page, its title gets the focus, so that screen readers read it. */
export function Screen({ title, subtitle, actions, children }: ScreenProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${common.appName}`;
  }, [title]);
  useEffect(() => heading.current!.focus({ preventScroll: true }), []);
  return (
    <main className="screen" id="main">
      <header className="screen-header">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {subtitle && <p className="muted">{subtitle}</p>}
        </div>
        {actions}
      </header>
      {children}
    </main>
  );
}

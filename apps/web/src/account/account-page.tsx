import { type ReactNode, useEffect } from 'react';
import { common } from '../texts/common.ts';
import { Logo } from '../ui/logo.tsx';

interface AccountPageProps {
  title: string;
  children: ReactNode;
  /** Links to other pages. */
  footer?: ReactNode;
}

/** A page outside the app. */
export function AccountPage({ title, children, footer }: AccountPageProps) {
  useEffect(() => {
    document.title = `${title} · ${common.appName}`;
  }, [title]);
  return (
    <main className="account" id="main" tabIndex={-1}>
      <div className="account-card">
        <p className="account-name">
          <Logo />
          {common.appName}
        </p>
        <h1>{title}</h1>
        {children}
      </div>
      {footer && <div className="account-footer">{footer}</div>}
    </main>
  );
}

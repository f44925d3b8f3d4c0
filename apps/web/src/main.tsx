import { lazy, StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { ErrorBoundary } from './app/error-boundary.tsx';
import { Layout } from './app/layout.tsx';
import { Routes } from './app/routes.tsx';
import { createHoldfast, Session } from './app/session.tsx';
import { watchForUpdates } from './app/updates.ts';
import { applyTheme } from './data/theme.ts';
import { PickersProvider } from './details/pickers.tsx';
import { loadRows } from './tasks/task-list.tsx';
import './styles/index.css';

const AccountRoutes = lazy(async () => ({ default: (await import('./account/account-routes.tsx')).AccountRoutes }));

const signedOut = (
  <Suspense>
    <AccountRoutes />
  </Suspense>
);

applyTheme();
// Often arrives before the tasks are read from the storage of the browser.
void loadRows().catch(() => {});
void watchForUpdates();
createRoot(document.querySelector('#root')!).render(
  <StrictMode>
    <ErrorBoundary>
      <Session holdfast={createHoldfast()} signedOut={signedOut}>
        <PickersProvider>
          <Layout>
            <Routes />
          </Layout>
        </PickersProvider>
      </Session>
    </ErrorBoundary>
  </StrictMode>,
);

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { AccountRoutes } from './account/account-routes.tsx';
import { ErrorBoundary } from './app/error-boundary.tsx';
import { Layout } from './app/layout.tsx';
import { Routes } from './app/routes.tsx';
import { createHoldfast, Session } from './app/session.tsx';
import { subscribe } from './app/updates.ts';
import { applyTheme } from './data/theme.ts';
import { PickersProvider } from './details/pickers.tsx';
import './styles/index.css';

applyTheme();
// Registers the service worker.
subscribe(() => {});
createRoot(document.querySelector('#root')!).render(
  <StrictMode>
    <ErrorBoundary>
      <Session holdfast={createHoldfast()} signedOut={<AccountRoutes />}>
        <PickersProvider>
          <Layout>
            <Routes />
          </Layout>
        </PickersProvider>
      </Session>
    </ErrorBoundary>
  </StrictMode>,
);

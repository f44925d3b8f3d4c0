import { lazy, Suspense } from 'react';
import { Redirect, Route, Switch, useSearchParams } from 'wouter';
import { toNextPage } from '../account/next-page.ts';
import { InboxScreen } from '../screens/inbox.tsx';
import { ListScreen } from '../screens/list.tsx';
import { NotFoundScreen } from '../screens/not-found.tsx';
import { TodayScreen } from '../screens/today.tsx';
import { UpcomingScreen } from '../screens/upcoming.tsx';

// Screens that people seldom open first.
const SearchScreen = lazy(async () => ({ default: (await import('../screens/search.tsx')).SearchScreen }));
const LabelsScreen = lazy(async () => ({ default: (await import('../screens/labels.tsx')).LabelsScreen }));
const LabelScreen = lazy(async () => ({ default: (await import('../screens/label.tsx')).LabelScreen }));
const CompletedScreen = lazy(async () => ({ default: (await import('../screens/completed.tsx')).CompletedScreen }));
const TrashScreen = lazy(async () => ({ default: (await import('../screens/trash.tsx')).TrashScreen }));
const SettingsScreen = lazy(async () => ({ default: (await import('../screens/settings.tsx')).SettingsScreen }));
const ResetPassword = lazy(async () => ({ default: (await import('../account/reset-password.tsx')).ResetPassword }));
const VerifyEmail = lazy(async () => ({ default: (await import('../account/verify-email.tsx')).VerifyEmail }));

/** The page that the user wanted before the sign-in. */
function ToNextPage() {
  const [params] = useSearchParams();
  return <Redirect to={toNextPage(params.get('next'))} replace />;
}

/** The screens of a signed-in user. */
export function Routes() {
  return (
    <Suspense>
      <Switch>
        <Route path="/inbox" component={InboxScreen} />
        <Route path="/today" component={TodayScreen} />
        <Route path="/upcoming" component={UpcomingScreen} />
        <Route path="/lists/:id">{({ id }) => <ListScreen key={id} id={id} />}</Route>
        <Route path="/search" component={SearchScreen} />
        <Route path="/labels" component={LabelsScreen} />
        <Route path="/labels/:name">{({ name }) => <LabelScreen key={name} />}</Route>
        <Route path="/completed" component={CompletedScreen} />
        <Route path="/trash" component={TrashScreen} />
        <Route path="/settings" component={SettingsScreen} />
        <Route path="/reset-password" component={ResetPassword} />
        <Route path="/verify-email" component={VerifyEmail} />
        <Route path={/^\/(?:sign-in|signed-in|sign-up|forgot-password)?$/}>
          <ToNextPage />
        </Route>
        <Route component={NotFoundScreen} />
      </Switch>
    </Suspense>
  );
}

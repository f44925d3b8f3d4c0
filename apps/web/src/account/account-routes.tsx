import { Redirect, Route, Switch, useLocation, useSearch } from 'wouter';
import { ForgotPassword } from './forgot-password.tsx';
import { toSignIn } from './next-page.ts';
import { ResetPassword } from './reset-password.tsx';
import { SignIn } from './sign-in.tsx';
import { SignUp } from './sign-up.tsx';
import { SignedIn } from './signed-in.tsx';
import { VerifyEmail } from './verify-email.tsx';

function ToSignIn() {
  const [path] = useLocation();
  const search = useSearch();
  return <Redirect to={toSignIn(search ? `${path}?${search}` : path)} replace />;
}

/** The screens of users who are not signed in. */
export function AccountRoutes() {
  return (
    <Switch>
      <Route path="/sign-up" component={SignUp} />
      <Route path="/sign-in" component={SignIn} />
      <Route path="/signed-in" component={SignedIn} />
      <Route path="/forgot-password" component={ForgotPassword} />
      <Route path="/reset-password" component={ResetPassword} />
      <Route path="/verify-email" component={VerifyEmail} />
      <Route component={ToSignIn} />
    </Switch>
  );
}

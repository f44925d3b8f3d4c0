import { Redirect, Route, Switch } from 'wouter';
import { SignIn } from './sign-in.tsx';
import { SignUp } from './sign-up.tsx';

/** The screens of users who are not signed in. */
export function AccountRoutes() {
  return (
    <Switch>
      <Route path="/sign-up" component={SignUp} />
      <Route path="/sign-in" component={SignIn} />
      <Route>
        <Redirect to="/sign-in" replace />
      </Route>
    </Switch>
  );
}

export const accountTexts = {
  signIn: 'Sign in',
  signOut: 'Sign out',
  createAccount: 'Create account',
  noAccount: 'No account yet?',
  hasAccount: 'Do you have an account?',
  name: 'Name',
  email: 'Email',
  password: 'Password',
  passwordHint: '8 to 128 characters',
};

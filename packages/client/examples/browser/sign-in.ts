import { createClient } from '@holdfast/client';

const storage = {
  load: () => localStorage.getItem('session'),
  save(session: string | null) {
    if (session === null) localStorage.removeItem('session');
    else localStorage.setItem('session', session);
  },
};

export const holdfast = createClient({ url: location.origin, storage });
holdfast.session.onChange(() => location.reload());

/** Shows a form for sign-in and sign-up in `root`. */
export function showSignIn(root: HTMLElement): void {
  root.innerHTML = `<form>
    <input name="email" type="email" autocomplete="username" placeholder="Email" required>
    <input name="password" type="password" autocomplete="current-password" placeholder="Password" required>
    <button>Sign in</button> <button value="new">Sign up</button> <output></output>
  </form>`;
  const form = root.querySelector('form')!;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const [email, password] = [...new FormData(form).values()] as [string, string];
    const isNew = (event.submitter as HTMLButtonElement).value === 'new';
    const result = isNew ? holdfast.signUp({ name: email, email, password }) : holdfast.signIn({ email, password });
    result.catch((error: Error) => (form.querySelector('output')!.value = error.message));
  });
}

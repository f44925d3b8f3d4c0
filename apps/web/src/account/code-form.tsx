import { useHoldfast } from '../app/session.tsx';
import { accountTexts } from '../texts/account.ts';
import { CodeField } from './fields.tsx';
import { Form } from './form.tsx';

/** The second step of a sign-in. */
export function CodeForm({ challenge, onBack }: { challenge: string; onBack(): void }) {
  const holdfast = useHoldfast();
  return (
    <>
      <p className="muted">{accountTexts.codeHint}</p>
      <Form
        submit={accountTexts.signIn}
        onSubmit={({ code = '', trust }) => holdfast.confirmSignIn({ challenge, code, isTrusted: trust !== undefined })}
      >
        <CodeField autoFocus />
        <label className="check">
          <input type="checkbox" name="trust" />
          {accountTexts.trust}
        </label>
      </Form>
      <p>
        <button type="button" className="link-button" onClick={onBack}>
          {accountTexts.toSignIn}
        </button>
      </p>
    </>
  );
}

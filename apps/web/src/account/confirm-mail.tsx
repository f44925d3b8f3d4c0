import { isHoldfastError, type SignUpInput } from '@holdfast/client';
import { useHoldfast } from '../app/session.tsx';
import { accountTexts } from '../texts/account.ts';
import { Form } from './form.tsx';

interface ConfirmMailProps {
  person: SignUpInput;
  /** Called after the sign-in. */
  onSignedIn(): Promise<void>;
  onBack(): void;
}

/** Asks a new user to open the link of the mail. The address can have an account already, and this page must not show it. */
export function ConfirmMail({ person, onSignedIn, onBack }: ConfirmMailProps) {
  const holdfast = useHoldfast();

  async function signIn(): Promise<void> {
    await holdfast.signIn(person);
    await onSignedIn();
  }

  async function sendAgain(): Promise<void> {
    try {
      await holdfast.signUp(person);
    } catch (error) {
      if (!isHoldfastError(error, 'CONFIRMATION_REQUIRED')) throw error;
    }
  }

  return (
    <>
      <p role="status">{accountTexts.confirmSent(person.email)}</p>
      <p className="muted">{accountTexts.confirmHint}</p>
      <Form submit={accountTexts.confirmed} onSubmit={signIn}>
        {null}
      </Form>
      <Form kind="plain" submit={accountTexts.sendAgain} onSubmit={sendAgain} done={accountTexts.sentAgain}>
        {null}
      </Form>
      <p>
        <button type="button" className="link-button" onClick={onBack}>
          {accountTexts.otherAddress}
        </button>
      </p>
    </>
  );
}

import { isHoldfastError } from '@holdfast/client';
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { common } from '../texts/common.ts';
import { Button } from '../ui/button.tsx';

interface AccountFormProps {
  title: string;
  submit: string;
  /** Receives the values of the fields by their names. */
  onSubmit(values: Record<string, string>): Promise<unknown>;
  children: ReactNode;
  footer?: ReactNode;
}

/** A form outside of the app, with a message for what went wrong. */
export function AccountForm({ title, submit, onSubmit, children, footer }: AccountFormProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    document.title = `${title} · ${common.appName}`;
  }, [title]);

  async function send(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>;
    setBusy(true);
    setProblem(null);
    try {
      await onSubmit(values);
    } catch (error) {
      if (!isHoldfastError(error)) throw error;
      setProblem(error.message);
    } finally {
      setBusy(false);
    }
  }

  return (
    <main className="account">
      <p className="account-name">{common.appName}</p>
      <h1>{title}</h1>
      <form className="form" onSubmit={(event) => void send(event)}>
        {children}
        {problem && (
          <p className="form-problem" role="alert">
            {problem}
          </p>
        )}
        <Button kind="primary" type="submit" disabled={isBusy}>
          {submit}
        </Button>
      </form>
      {footer}
    </main>
  );
}

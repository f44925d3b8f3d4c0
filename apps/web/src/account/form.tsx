import { createContext, type FormEvent, type ReactNode, use, useRef, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Field, type FieldProps } from '../ui/field.tsx';
import { PasswordField } from '../ui/password-field.tsx';
import { findProblems, noProblems, type Problems, toProblems } from './problems.ts';

const ProblemsContext = createContext<Problems>(noProblems);

type Values = Record<string, string>;

interface FormProps {
  submit: string;
  kind?: 'primary' | 'plain' | 'danger';
  /** Receives the values of the fields by their names, without those of empty fields. */
  onSubmit(values: Values): Promise<unknown>;
  /** The message after the form was sent. */
  done?: string;
  /** True leaves the values in the form after it was sent. */
  isKept?: boolean;
  /** True shows the button beside the only field. */
  isInline?: boolean;
  /** True as long as the form must not be sent. */
  isLocked?: boolean;
  children: ReactNode;
}

const findInputs = (form: HTMLFormElement) =>
  [...form.elements].filter((element): element is HTMLInputElement => 'name' in element && element.name !== '');

/** A form that shows each problem beside its field, and focuses the first one. */
export function Form({ submit, kind = 'primary', onSubmit, done, children, ...options }: FormProps) {
  const { isKept, isInline, isLocked } = options;
  const form = useRef<HTMLFormElement>(null);
  const [problems, setProblems] = useState(noProblems);
  const [state, setState] = useState<'ready' | 'busy' | 'done'>('ready');

  function show(found: Problems, inputs: HTMLInputElement[]): void {
    setProblems(found);
    inputs.find(({ name }) => name in found.fields)?.focus();
  }

  async function send(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (state === 'busy' || isLocked) return;
    const inputs = findInputs(form.current!);
    const found = findProblems(inputs);
    show(found, inputs);
    if (Object.keys(found.fields).length > 0) return;
    setState('busy');
    try {
      const filled = [...new FormData(form.current!)].filter(([, value]) => value !== '');
      await onSubmit(Object.fromEntries(filled) as Values);
      setState('done');
      if (!isKept) form.current?.reset();
    } catch (error) {
      setState('ready');
      show(
        toProblems(
          error,
          inputs.map(({ name }) => name),
        ),
        inputs,
      );
    }
  }

  return (
    <form
      ref={form}
      className={isInline ? 'form form-inline' : 'form'}
      noValidate
      onSubmit={(event) => void send(event)}
      onInput={() => setState((before) => (before === 'done' ? 'ready' : before))}
    >
      <ProblemsContext value={problems}>{children}</ProblemsContext>
      <p className="form-problem" role="alert" hidden={problems.form === undefined}>
        {problems.form}
      </p>
      <div className="form-end">
        <Button kind={kind} type="submit" disabled={isLocked} aria-disabled={state === 'busy'}>
          {submit}
        </Button>
        <p className="form-done" role="status">
          {state === 'done' && done}
        </p>
      </div>
    </form>
  );
}

interface NamedFieldProps extends FieldProps {
  name: string;
}

/** A field that shows the problem of its name. */
export function FormField(field: NamedFieldProps) {
  const { fields } = use(ProblemsContext);
  const Kind = field.type === 'password' ? PasswordField : Field;
  return <Kind {...field} problem={fields[field.name]} />;
}

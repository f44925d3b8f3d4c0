import { type KeyboardEvent, useState } from 'react';
import { fieldTexts } from '../texts/fields.ts';
import { IconButton } from './button.tsx';
import { Field, type FieldProps } from './field.tsx';

/** A field for a password, which can be shown. It has a hint while Caps Lock is on. */
export function PasswordField({ hint, ...field }: FieldProps) {
  const [isShown, setShown] = useState(false);
  const [hasCapsLock, setCapsLock] = useState(false);
  const look = (event: KeyboardEvent) => setCapsLock(event.getModifierState('CapsLock'));
  return (
    <Field
      {...field}
      type={isShown ? 'text' : 'password'}
      hint={hasCapsLock ? fieldTexts.capsLock : hint}
      autoCapitalize="none"
      autoCorrect="off"
      spellCheck={false}
      onKeyDown={look}
      onKeyUp={look}
      end={
        <IconButton
          icon={isShown ? 'eyeOff' : 'eye'}
          label={isShown ? fieldTexts.hidePassword : fieldTexts.showPassword}
          onClick={() => setShown(!isShown)}
        />
      }
    />
  );
}

import { useApp } from '../../../data/app.ts';
import { twoFactorTexts } from '../../../texts/two-factor.ts';
import { Dialog } from '../../../ui/dialog.tsx';
import { Form } from '../../form.tsx';
import { ConfirmField } from '../confirm-field.tsx';

interface TurnOffTwoFactorDialogProps {
  onDone(): void;
  onClose(): void;
}

/** Turns the second factor off, with the password. */
export function TurnOffTwoFactorDialog({ onDone, onClose }: TurnOffTwoFactorDialogProps) {
  const { account } = useApp().holdfast;

  async function turnOff({ password }: Record<string, string>): Promise<void> {
    await account.turnOffTwoFactor({ password });
    onDone();
    onClose();
  }

  return (
    <Dialog title={twoFactorTexts.turnOff} onClose={onClose}>
      <p>{twoFactorTexts.turnOffHint}</p>
      <Form submit={twoFactorTexts.turnOff} kind="danger" onSubmit={turnOff}>
        <ConfirmField />
      </Form>
    </Dialog>
  );
}

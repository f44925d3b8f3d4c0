import type { TwoFactorSetup } from '@holdfast/client';
import { useEffect, useState } from 'react';
import { useApp } from '../../../data/app.ts';
import { twoFactorTexts } from '../../../texts/two-factor.ts';
import { Dialog } from '../../../ui/dialog.tsx';
import { CodeField, CurrentPasswordField } from '../../fields.tsx';
import { Form } from '../../form.tsx';
import { BackupCodes } from './backup-codes-dialog.tsx';

interface SetUpTwoFactorDialogProps {
  /** Called when the sign-in needs a code from now on. */
  onDone(): void;
  onClose(): void;
}

/** Three steps: the password, the first code of the app, and the backup codes. */
export function SetUpTwoFactorDialog({ onDone, onClose }: SetUpTwoFactorDialogProps) {
  const { account } = useApp().holdfast;
  const [setup, setSetup] = useState<TwoFactorSetup | null>(null);
  const [isOn, setOn] = useState(false);

  async function confirm({ code = '' }: Record<string, string>): Promise<void> {
    await account.confirmTwoFactor({ code });
    setOn(true);
    onDone();
  }

  return (
    <Dialog title={twoFactorTexts.setUp} onClose={onClose}>
      {setup === null ? (
        <Form
          key="password"
          submit={twoFactorTexts.next}
          onSubmit={async ({ password = '' }) => setSetup(await account.setUpTwoFactor({ password }))}
        >
          <CurrentPasswordField autoFocus />
        </Form>
      ) : isOn ? (
        <BackupCodes codes={setup.backupCodes} onDone={onClose} />
      ) : (
        <>
          <p>{twoFactorTexts.scan}</p>
          <QrCode text={setup.uri} />
          <p className="muted">
            {twoFactorTexts.orType} <code className="two-factor-secret">{setup.secret}</code>
          </p>
          <Form key="code" submit={twoFactorTexts.turnOn} onSubmit={confirm}>
            <CodeField label={twoFactorTexts.code} autoFocus />
          </Form>
        </>
      )}
    </Dialog>
  );
}

/** The code for the camera of a phone. People without it type the secret. */
function QrCode({ text }: { text: string }) {
  const [image, setImage] = useState<{ size: number; path: string } | null>(null);

  useEffect(() => {
    let isOver = false;
    async function draw(): Promise<void> {
      const { encode } = await import('uqr');
      const { data, size } = encode(text, { border: 4 });
      const cells = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
      if (!isOver) setImage({ size, path: cells.join('') });
    }
    void draw().catch(() => {});
    return () => void (isOver = true);
  }, [text]);

  if (image === null) return null;
  return (
    <svg
      className="qr-code"
      role="img"
      aria-label={twoFactorTexts.qrCode}
      viewBox={`0 0 ${image.size} ${image.size}`}
      shapeRendering="crispEdges"
    >
      <path d={image.path} />
    </svg>
  );
}

import { useState } from 'react';
import { useApp } from '../../../data/app.ts';
import { common } from '../../../texts/common.ts';
import { twoFactorTexts } from '../../../texts/two-factor.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { CurrentPasswordField } from '../../fields.tsx';
import { Form } from '../../form.tsx';
import { useCopy } from '../use-copy.ts';

/** Replaces the backup codes. */
export function BackupCodesDialog({ onClose }: { onClose(): void }) {
  const { account } = useApp().holdfast;
  const [codes, setCodes] = useState<string[] | null>(null);
  return (
    <Dialog title={twoFactorTexts.newCodes} onClose={onClose}>
      {codes === null ? (
        <Form
          submit={twoFactorTexts.createCodes}
          onSubmit={async ({ password = '' }) => setCodes(await account.newBackupCodes({ password }))}
        >
          <CurrentPasswordField autoFocus />
        </Form>
      ) : (
        <BackupCodes codes={codes} onDone={onClose} />
      )}
    </Dialog>
  );
}

/** Shows the codes once. */
export function BackupCodes({ codes, onDone }: { codes: string[]; onDone(): void }) {
  const [note, copy] = useCopy(codes.join('\n'), twoFactorTexts);
  return (
    <>
      <p>{twoFactorTexts.codesHint}</p>
      <ul className="backup-codes" aria-label={twoFactorTexts.codes}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <p role="status">{note}</p>
      <div className="button-row">
        <Button icon="copy" onClick={copy}>
          {twoFactorTexts.copy}
        </Button>
        <Button kind="primary" onClick={onDone}>
          {common.done}
        </Button>
      </div>
    </>
  );
}

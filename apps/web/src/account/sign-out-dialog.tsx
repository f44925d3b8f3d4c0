import { useSession } from '../app/session.tsx';
import { useReplica } from '../data/app.ts';
import { accountTexts } from '../texts/account.ts';
import { common } from '../texts/common.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';

/** Asks before a sign-out, which deletes the tasks on this device, with changes that were not sent. */
export function SignOutDialog({ onClose }: { onClose(): void }) {
  const { signOut } = useSession();
  const lost = useReplica(({ status, refused }) => status.unsent + refused.length);
  return (
    <Dialog title={accountTexts.signOutTitle} onClose={onClose}>
      <p>{lost > 0 ? accountTexts.signOutUnsent(lost) : accountTexts.signOutHint}</p>
      <div className="dialog-actions">
        <Button onClick={onClose}>{lost > 0 ? accountTexts.stay : common.cancel}</Button>
        <Button kind={lost > 0 ? 'danger' : 'primary'} onClick={() => void signOut()}>
          {lost > 0 ? accountTexts.signOutAnyway : common.signOut}
        </Button>
      </div>
    </Dialog>
  );
}

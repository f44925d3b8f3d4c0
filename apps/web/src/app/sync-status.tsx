import { useReplica } from '../data/app.ts';
import { RefusedChanges } from '../details/refused-changes.tsx';
import { layoutTexts } from '../texts/layout.ts';
import { Icon } from '../ui/icon.tsx';

/** A sign of what the server does not have yet. It shows nothing as long as all is well. */
export function SyncStatus() {
  const { isOnline, unsent, isStored } = useReplica(({ status }) => status);
  const text = [!isOnline && layoutTexts.offline, unsent > 0 && layoutTexts.unsent(unsent)].filter(Boolean).join(' · ');
  return (
    <div className="sync" role="status">
      {(!isOnline || unsent > 0) && (
        <p className="sync-text" title={isOnline ? undefined : layoutTexts.offlineHint}>
          <Icon name={isOnline ? 'cloud' : 'cloudOff'} />
          {text}
        </p>
      )}
      <RefusedChanges />
      {!isStored && <p className="sync-warning">{layoutTexts.notStored}</p>}
    </div>
  );
}

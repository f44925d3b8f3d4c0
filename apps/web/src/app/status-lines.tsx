import { type ReactNode, useEffect, useState } from 'react';
import { useReplica } from '../data/app.ts';
import { useStore } from '../data/store.ts';
import { RefusedChanges } from '../details/refused-changes.tsx';
import { layoutTexts } from '../texts/layout.ts';
import { Button } from '../ui/button.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { isUpdateReady, update } from './updates.ts';

/** True when the condition has been true for this time. Short states then cause no flicker. */
function useLasting(condition: boolean, ms: number): boolean {
  const [isLasting, setLasting] = useState(false);
  useEffect(() => {
    if (!condition) return undefined;
    const timer = setTimeout(() => setLasting(true), ms);
    return () => {
      clearTimeout(timer);
      setLasting(false);
    };
  }, [condition, ms]);
  return condition && isLasting;
}

interface LineProps {
  icon: IconName;
  kind?: 'plain' | 'warning';
  /** A button for the next step. */
  action?: ReactNode;
  children: ReactNode;
}

function Line({ icon, kind = 'plain', action, children }: LineProps) {
  return (
    <div className={`status-line status-${kind}`}>
      <Icon name={icon} />
      <p>{children}</p>
      {action}
    </div>
  );
}

const usualMs = 2000;

/** Problems of this device and of the exchange with the server. It is empty without a problem. */
export function StatusLines() {
  const { isOnline, isComplete, isStored, unsent, error } = useReplica(({ status }) => status);
  const hasUpdate = useStore(isUpdateReady);
  const isLate = useLasting(unsent > 0, usualMs);
  const isLoading = useLasting(!isComplete, usualMs / 2);
  const hasProblem = useLasting(isOnline && error !== null, usualMs);
  return (
    <div className="status-lines" role="status">
      {!isOnline && (
        <Line icon="cloudOff">
          <strong>{layoutTexts.offline}</strong> {unsent > 0 ? layoutTexts.unsent(unsent) : layoutTexts.offlineHint}
        </Line>
      )}
      {isOnline && isLate && <Line icon="cloud">{layoutTexts.unsent(unsent)}</Line>}
      {isOnline && isLoading && <Line icon="cloud">{layoutTexts.loading}</Line>}
      {hasProblem && isStored && (
        <Line icon="warning" kind="warning">
          <strong>{layoutTexts.problem}</strong> {error?.message}
        </Line>
      )}
      <RefusedChanges />
      {hasUpdate && (
        <Line icon="restore" action={<Button onClick={() => void update()}>{layoutTexts.update}</Button>}>
          {layoutTexts.updateReady}
        </Line>
      )}
      {!isStored && (
        <Line icon="warning" kind="warning">
          {layoutTexts.notStored}
        </Line>
      )}
    </div>
  );
}

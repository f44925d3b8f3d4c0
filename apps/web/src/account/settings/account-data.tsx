import type { CallOptions } from '@holdfast/client';
import { type ReactNode, useEffect, useEffectEvent, useState } from 'react';
import { useApp } from '../../data/app.ts';
import { common } from '../../texts/common.ts';
import { settingsTexts } from '../../texts/settings.ts';
import { Button } from '../../ui/button.tsx';

type State<Value> = { kind: 'loading' } | { kind: 'failed'; message: string } | { kind: 'ready'; value: Value };

interface AccountData<Value> {
  state: State<Value>;
  reload(): void;
  /** Changes the data on the server, reports a failure, and reads them again. */
  change(run: () => Promise<void>): Promise<void>;
}

/** Data that only the server has. They are read again for each `version`. */
export function useAccountData<Value>(load: (options: CallOptions) => Promise<Value>, version = 0): AccountData<Value> {
  const { history } = useApp();
  const [state, setState] = useState<State<Value>>({ kind: 'loading' });
  const [attempt, setAttempt] = useState(0);
  const reload = () => setAttempt((number) => number + 1);
  const read = useEffectEvent(load);

  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    read({ signal }).then(
      (value) => !signal.aborted && setState({ kind: 'ready', value }),
      (error: Error) => !signal.aborted && setState({ kind: 'failed', message: error.message }),
    );
    return () => controller.abort();
  }, [version, attempt]);

  async function change(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      history.report((error as Error).message);
    }
    reload();
  }
  return { state, reload, change };
}

interface LoadedProps<Value> {
  data: AccountData<Value>;
  children(value: Value): ReactNode;
}

/** Shows the data, or the reason why they are missing. */
export function Loaded<Value>({ data: { state, reload }, children }: LoadedProps<Value>) {
  if (state.kind === 'loading') return <p className="muted">{settingsTexts.loading}</p>;
  if (state.kind === 'ready') return children(state.value);
  return (
    <div className="settings-row">
      <p>{state.message}</p>
      <Button onClick={reload}>{common.retry}</Button>
    </div>
  );
}

import type { CallOptions } from '@holdfast/client';
import { type ReactNode, useEffect, useEffectEvent, useState } from 'react';
import { useApp } from '../../data/app.ts';
import { common } from '../../texts/common.ts';
import { settingsTexts } from '../../texts/settings.ts';
import { Button } from '../../ui/button.tsx';

type State<Row> = { kind: 'loading' } | { kind: 'failed'; message: string } | { kind: 'ready'; rows: readonly Row[] };

interface AccountList<Row> {
  state: State<Row>;
  reload(): void;
  /** Changes the list on the server, reports a failure, and reads the list again. */
  change(run: () => Promise<void>): Promise<void>;
}

/** A list that only the server has. It is read again for each `version`. */
export function useAccountList<Row>(load: (options: CallOptions) => Promise<Row[]>, version = 0): AccountList<Row> {
  const { history } = useApp();
  const [state, setState] = useState<State<Row>>({ kind: 'loading' });
  const [attempt, setAttempt] = useState(0);
  const reload = () => setAttempt((number) => number + 1);
  const read = useEffectEvent(load);

  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    read({ signal }).then(
      (rows) => !signal.aborted && setState({ kind: 'ready', rows }),
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

interface AccountRowsProps<Row> {
  list: AccountList<Row>;
  children(rows: readonly Row[]): ReactNode;
}

/** The rows of the list, or why they are not here. */
export function AccountRows<Row>({ list: { state, reload }, children }: AccountRowsProps<Row>) {
  if (state.kind === 'loading') return <p className="muted">{settingsTexts.loading}</p>;
  if (state.kind === 'ready') return children(state.rows);
  return (
    <div className="settings-row">
      <p>{state.message}</p>
      <Button onClick={reload}>{common.retry}</Button>
    </div>
  );
}

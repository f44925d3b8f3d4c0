import type { ApiToken } from '@holdfast/client';
import { useEffect, useState } from 'react';
import { useApp, useTimeZone } from '../../data/app.ts';
import { common } from '../../texts/common.ts';
import { formatAgo, formatInstant } from '../../texts/formats.ts';
import { settingsTexts } from '../../texts/settings.ts';
import { tokenTexts } from '../../texts/tokens.ts';
import { Button } from '../../ui/button.tsx';
import { CreateTokenDialog } from './create-token-dialog.tsx';
import { Section } from './section.tsx';

type State = { kind: 'loading' } | { kind: 'failed'; message: string } | { kind: 'ready'; tokens: ApiToken[] };

/** The tokens with which scripts use the account. */
export function TokensSection() {
  const { history, holdfast } = useApp();
  const { account } = holdfast;
  const [state, setState] = useState<State>({ kind: 'loading' });
  const [attempt, setAttempt] = useState(0);
  const [isCreating, setCreating] = useState(false);
  const reload = () => setAttempt((number) => number + 1);

  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    account.tokens({ signal }).then(
      (tokens) => !signal.aborted && setState({ kind: 'ready', tokens }),
      (error: Error) => !signal.aborted && setState({ kind: 'failed', message: error.message }),
    );
    return () => controller.abort();
  }, [account, attempt]);

  async function revoke({ id }: ApiToken): Promise<void> {
    try {
      await account.endToken({ id });
    } catch (error) {
      history.report((error as Error).message);
    }
    reload();
  }

  return (
    <Section title={tokenTexts.title} hint={tokenTexts.hint}>
      {state.kind === 'loading' && <p className="muted">{settingsTexts.loading}</p>}
      {state.kind === 'failed' && (
        <div className="settings-row">
          <p>{state.message}</p>
          <Button onClick={reload}>{common.retry}</Button>
        </div>
      )}
      {state.kind === 'ready' && state.tokens.length === 0 && <p className="muted">{tokenTexts.none}</p>}
      {state.kind === 'ready' && state.tokens.length > 0 && (
        <ul className="sessions">
          {state.tokens.map((token) => (
            <TokenRow key={token.id} token={token} onRevoke={() => void revoke(token)} />
          ))}
        </ul>
      )}
      <Button onClick={() => setCreating(true)}>{tokenTexts.create}</Button>
      {isCreating && <CreateTokenDialog onCreate={reload} onClose={() => setCreating(false)} />}
    </Section>
  );
}

function TokenRow({ token, onRevoke }: { token: ApiToken; onRevoke(): void }) {
  const { name, scope, lastUsedAt, expiresAt } = token;
  const timeZone = useTimeZone();
  const facts = [
    tokenTexts.scopes[scope],
    lastUsedAt === null ? tokenTexts.neverUsed : settingsTexts.lastUsed(formatAgo(lastUsedAt)),
    expiresAt !== null &&
      (Date.parse(expiresAt) <= Date.now()
        ? tokenTexts.expired
        : tokenTexts.expires(formatInstant(expiresAt, timeZone))),
  ];
  return (
    <li className="settings-row">
      <div>
        <p>{name}</p>
        <p className="muted">{facts.filter(Boolean).join(' · ')}</p>
      </div>
      <Button aria-label={tokenTexts.revokeToken(name)} onClick={onRevoke}>
        {tokenTexts.revoke}
      </Button>
    </li>
  );
}

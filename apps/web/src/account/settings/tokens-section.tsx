import type { ApiToken } from '@holdfast/client';
import { useState } from 'react';
import { useApp, useTimeZone } from '../../data/app.ts';
import { formatAgo, formatInstant } from '../../texts/formats.ts';
import { settingsTexts } from '../../texts/settings.ts';
import { tokenTexts } from '../../texts/tokens.ts';
import { Button } from '../../ui/button.tsx';
import { Loaded, useAccountData } from './account-data.tsx';
import { CreateTokenDialog } from './create-token-dialog.tsx';
import { Section } from './section.tsx';

/** The tokens with which scripts use the account. */
export function TokensSection() {
  const { account } = useApp().holdfast;
  const list = useAccountData((options) => account.tokens(options));
  const [isCreating, setCreating] = useState(false);
  return (
    <Section title={tokenTexts.title} hint={tokenTexts.hint}>
      <Loaded data={list}>
        {(tokens) =>
          tokens.length === 0 ? (
            <p className="muted">{tokenTexts.none}</p>
          ) : (
            <ul className="sessions">
              {tokens.map((token) => (
                <TokenRow
                  key={token.id}
                  token={token}
                  onRevoke={() => void list.change(() => account.endToken({ id: token.id }))}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
      <Button onClick={() => setCreating(true)}>{tokenTexts.create}</Button>
      {isCreating && <CreateTokenDialog onCreate={list.reload} onClose={() => setCreating(false)} />}
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

import { useState } from 'react';
import { useLocation } from 'wouter';
import { useApp } from '../data/app.ts';
import { useStore } from '../data/store.ts';
import { SignOutDialog } from '../later/later.tsx';
import { common } from '../texts/common.ts';
import { layoutTexts } from '../texts/layout.ts';
import { Menu } from '../ui/menu.tsx';
import { help } from './shortcuts.tsx';

const letters = new Intl.Segmenter();

function toInitial(name: string): string {
  const [first] = letters.segment(name.trim());
  return first?.segment.toLocaleUpperCase() ?? '·';
}

/** The name of the user, with a menu for the account. */
export function UserMenu() {
  const user = useStore(useApp().profile);
  const [, navigate] = useLocation();
  const [isLeaving, setLeaving] = useState(false);
  const name = user?.name ?? user?.email ?? common.appName;
  return (
    <div className="side-user">
      <Menu
        label={layoutTexts.accountMenu}
        className="user-button"
        items={[
          { label: common.settings, icon: 'settings', run: () => navigate('/settings') },
          { label: layoutTexts.shortcuts, icon: 'keyboard', keys: '?', run: () => help.set(true) },
          { label: common.signOut, icon: 'signOut', run: () => setLeaving(true) },
        ]}
      >
        <span className="user-initial" aria-hidden="true">
          {toInitial(name)}
        </span>
        <span className="side-name" dir="auto">
          {name}
        </span>
      </Menu>
      {isLeaving && <SignOutDialog onClose={() => setLeaving(false)} />}
    </div>
  );
}

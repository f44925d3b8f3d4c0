import { useEffect, useState } from 'react';
import { tinykeys } from 'tinykeys';
import { useLocation } from 'wouter';
import { useApp } from '../data/app.ts';
import { QuickAddDialog } from '../quick-add/quick-add-dialog.tsx';
import { shortcutGroups, shortcutTexts } from '../texts/shortcuts.ts';
import { Dialog } from '../ui/dialog.tsx';

/** True where letters are text. */
export function isTyping(event: Event): boolean {
  const target = event.target as HTMLElement;
  return target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

const places = { i: '/inbox', t: '/today', u: '/upcoming', l: '/labels', c: '/completed', s: '/settings' };

/** The keys that work on every screen, and the dialog that lists all keys. */
export function Shortcuts() {
  const { history } = useApp();
  const [, navigate] = useLocation();
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [isAdding, setAdding] = useState(false);

  useEffect(() => {
    const onPage = (run: () => void) => (event: KeyboardEvent) => {
      if (isTyping(event) || document.querySelector('dialog[open]')) return;
      event.preventDefault();
      run();
    };
    const goTo = Object.entries(places).map(([key, path]) => [`g ${key}`, onPage(() => navigate(path))]);
    return tinykeys(window, {
      ...Object.fromEntries(goTo),
      '$mod+z': onPage(history.undo),
      '$mod+Shift+z': onPage(history.redo),
      '$mod+y': onPage(history.redo),
      '/': onPage(() => navigate('/search')),
      'Shift+?': onPage(() => setHelpOpen(true)),
      q: onPage(() => {
        const field = document.querySelector<HTMLElement>('[data-quick-add]');
        if (field) field.focus();
        else setAdding(true);
      }),
    });
  }, [history, navigate]);

  if (isAdding) return <QuickAddDialog onClose={() => setAdding(false)} />;
  if (!isHelpOpen) return null;
  return (
    <Dialog title={shortcutTexts.title} onClose={() => setHelpOpen(false)}>
      {shortcutGroups.map(({ title, keys }) => (
        <section key={title}>
          <h3>{title}</h3>
          <dl className="shortcuts">
            {keys.map(([key, text]) => (
              <div key={key}>
                <dt>
                  {key.split(' ').map((part, at) => (
                    // oxlint-disable-next-line react/no-array-index-key -- A key can occur twice.
                    <kbd key={at}>{part}</kbd>
                  ))}
                </dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}

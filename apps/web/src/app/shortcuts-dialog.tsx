import { layoutTexts } from '../texts/layout.ts';
import { shortcutGroups } from '../texts/shortcuts.ts';
import { Dialog } from '../ui/dialog.tsx';

/** Lists all keys. */
export function ShortcutsDialog({ onClose }: { onClose(): void }) {
  return (
    <Dialog kind="wide" title={layoutTexts.shortcuts} onClose={onClose}>
      <div className="shortcut-groups">
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
      </div>
    </Dialog>
  );
}

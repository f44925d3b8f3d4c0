import { type CSSProperties, type KeyboardEvent, type ReactNode, useId, useRef, useState } from 'react';
import { Icon, type IconName } from './icon.tsx';
import { placeBeside } from './place-beside.ts';

export interface MenuItem {
  label: string;
  icon?: IconName;
  /** Keys that do the same, such as `E`. */
  keys?: string;
  isDanger?: boolean;
  isChosen?: boolean;
  /** Starts a group, below a line. */
  isStart?: boolean;
  /** Class of the icon, for its color. */
  tone?: string;
  run(): void;
}

interface MenuProps {
  /** Name of the button. */
  label: string;
  /** A function is called when the menu opens. */
  items: readonly MenuItem[] | (() => readonly MenuItem[]);
  /** Content of the button. Default: an icon for more. */
  children?: ReactNode;
  className?: string;
  tabIndex?: number;
}

/** A button that opens a menu: arrows move, Enter chooses, Escape closes. */
export function Menu({ label, items, children, className = 'icon-button', tabIndex }: MenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const anchor = { '--anchor': `--${id.replaceAll(/\W/g, '')}` } as CSSProperties;

  const findItems = () => [...menu.current!.querySelectorAll<HTMLElement>('[role^=menuitem]')];

  function onKeyDown(event: KeyboardEvent): void {
    const all = findItems();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const targets: Record<string, number> = {
      ArrowDown: (at + 1) % all.length,
      ArrowUp: (at - 1 + all.length) % all.length,
      Home: 0,
      End: all.length - 1,
    };
    const first = event.key.length === 1 ? event.key.toLowerCase() : undefined;
    const target =
      targets[event.key] ??
      (first && [...all.keys()].find((index) => all[index]!.textContent.trim().toLowerCase().startsWith(first)));
    if (event.key === 'Tab') menu.current!.hidePopover();
    if (typeof target !== 'number') return;
    event.preventDefault();
    event.stopPropagation();
    all[target]!.focus();
  }

  return (
    <span className="menu-anchor" style={anchor}>
      <button
        ref={button}
        type="button"
        className={className}
        aria-label={children === undefined ? label : undefined}
        title={label}
        aria-haspopup="menu"
        popoverTarget={id}
        tabIndex={tabIndex}
      >
        {children ?? <Icon name="more" />}
      </button>
      <div
        ref={menu}
        id={id}
        role="menu"
        tabIndex={-1}
        aria-label={label}
        popover="auto"
        className="menu"
        onKeyDown={onKeyDown}
        onBeforeToggle={({ newState }) => {
          if (newState === 'open') setOpen(true);
        }}
        onToggle={({ newState }) => {
          // Items that have the focus remain until the browser has given it back.
          if (newState === 'closed') return setOpen(false);
          placeBeside(button.current!, menu.current!);
          const all = findItems();
          const chosen =
            all.every(({ role }) => role === 'menuitemradio') && all.find((item) => item.ariaChecked === 'true');
          (chosen || all[0])?.focus();
        }}
      >
        {(typeof items !== 'function' ? items : isOpen ? items() : []).map(
          ({ label, icon, tone, keys, run, ...item }) => (
            <button
              key={label}
              type="button"
              role={item.isChosen === undefined ? 'menuitem' : 'menuitemradio'}
              aria-checked={item.isChosen}
              tabIndex={-1}
              className={['menu-item', item.isDanger && 'menu-item-danger', item.isStart && 'menu-item-start']
                .filter(Boolean)
                .join(' ')}
              onClick={() => {
                menu.current!.hidePopover();
                button.current?.focus();
                run();
              }}
            >
              {icon && (
                <span className={`menu-icon ${tone ?? ''}`}>
                  <Icon name={icon} />
                </span>
              )}
              <span className="menu-text">{label}</span>
              {keys && <kbd>{keys}</kbd>}
            </button>
          ),
        )}
      </div>
    </span>
  );
}

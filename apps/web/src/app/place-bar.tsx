import { Link, useLocation } from 'wouter';
import { common } from '../texts/common.ts';
import { layoutTexts } from '../texts/layout.ts';
import { Icon, type IconName } from '../ui/icon.tsx';

const places: [href: string, icon: IconName, name: string][] = [
  ['/inbox', 'inbox', common.inbox],
  ['/today', 'sun', common.today],
  ['/upcoming', 'upcoming', common.upcoming],
  ['/search', 'search', common.search],
];

/** The main places on small screens: at the bottom of phones, at the side of tablets. */
export function PlaceBar({ onAdd }: { onAdd(): void }) {
  const [path] = useLocation();
  return (
    <>
      <nav className="place-bar" aria-label={layoutTexts.mainPlaces}>
        {places.map(([href, icon, name]) => (
          <Link key={href} href={href} className="place" aria-current={path === href ? 'page' : undefined}>
            <Icon name={icon} />
            {name}
          </Link>
        ))}
        <button type="button" className="place place-menu" popoverTarget="side">
          <Icon name="menu" />
          {layoutTexts.menu}
        </button>
      </nav>
      <button type="button" className="add-button" aria-label={layoutTexts.addTask} onClick={onAdd}>
        <Icon name="add" />
      </button>
    </>
  );
}

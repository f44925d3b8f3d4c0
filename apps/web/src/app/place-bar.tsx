import { Link, useLocation } from 'wouter';
import { layoutTexts } from '../texts/layout.ts';
import { Icon } from '../ui/icon.tsx';
import { mainPlaces } from './places.ts';

/** The main places on small screens: at the bottom of phones, at the side of tablets. */
export function PlaceBar({ onAdd }: { onAdd(): void }) {
  const [path] = useLocation();
  return (
    <>
      <nav className="place-bar" aria-label={layoutTexts.mainPlaces}>
        {mainPlaces.slice(0, 4).map(({ href, icon, name }) => (
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

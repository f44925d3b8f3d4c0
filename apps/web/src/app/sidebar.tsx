import { type ReactNode, useDeferredValue, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { useLists, useTasks, useToday } from '../data/app.ts';
import { countByList, findArchivedLists, findDueOn, findLists, findOverdue } from '../data/views.ts';
import { ListDot } from '../lists/list-dot.tsx';
import { ListMenu } from '../lists/list-menu.tsx';
import { NewListButton } from '../lists/new-list.tsx';
import { usePlaceDrop } from '../tasks/drag/use-place-drop.ts';
import { common } from '../texts/common.ts';
import { formatNumber } from '../texts/formats.ts';
import { layoutTexts } from '../texts/layout.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { UserMenu } from './user-menu.tsx';

interface EntryProps {
  href: string;
  /** The sign before the name. */
  mark: ReactNode;
  count?: number | undefined;
  /** True if something waits for too long. */
  isLate?: boolean;
  children: ReactNode;
}

function Entry({ href, mark, count, isLate = false, children }: EntryProps) {
  const [path] = useLocation();
  const link = useRef<HTMLAnchorElement>(null);
  const isOver = usePlaceDrop(link, href);
  return (
    <Link
      ref={link}
      href={href}
      className="side-entry"
      data-drop={isOver || undefined}
      aria-current={path === href ? 'page' : undefined}
    >
      <span className="side-mark">{mark}</span>
      <span className="side-name">{children}</span>
      {count ? (
        <span className={isLate ? 'side-count side-late' : 'side-count'}>
          {formatNumber(count)} <span className="visually-hidden">{layoutTexts.openTasks}</span>
        </span>
      ) : null}
    </Link>
  );
}

interface PlaceProps extends Omit<EntryProps, 'mark'> {
  icon: IconName;
}

const Place = ({ icon, ...entry }: PlaceProps) => (
  <li>
    <Entry {...entry} mark={<Icon name={icon} />} />
  </li>
);

/** The places of the app. */
export function Sidebar() {
  // The list of the screen comes first.
  const tasks = useDeferredValue(useTasks());
  const today = useToday();
  const overdue = findOverdue(tasks, today).length;
  return (
    <nav className="side" aria-label={layoutTexts.navigation}>
      <UserMenu />
      <ul>
        <Place href="/inbox" icon="inbox" count={countByList(tasks).get(null)}>
          {common.inbox}
        </Place>
        <Place href="/today" icon="sun" count={findDueOn(tasks, today).length + overdue} isLate={overdue > 0}>
          {common.today}
        </Place>
        <Place href="/upcoming" icon="upcoming">
          {common.upcoming}
        </Place>
        <Place href="/search" icon="search">
          {common.search}
        </Place>
        <Place href="/labels" icon="label">
          {common.labels}
        </Place>
      </ul>
      <Lists />
      <ul className="side-end">
        <Place href="/completed" icon="check">
          {common.completed}
        </Place>
        <Place href="/trash" icon="trash">
          {common.trash}
        </Place>
        <Place href="/settings" icon="settings">
          {common.settings}
        </Place>
      </ul>
    </nav>
  );
}

function Lists() {
  const counts = countByList(useDeferredValue(useTasks()));
  const all = useLists();
  const lists = findLists(all);
  const archived = findArchivedLists(all);
  return (
    <>
      <div className="side-heading">
        <h2 id="side-lists">{layoutTexts.lists}</h2>
        <NewListButton />
      </div>
      <ul aria-labelledby="side-lists">
        {lists.map(({ id, name, color }) => (
          <li key={id} className="side-list">
            <Entry href={`/lists/${id}`} mark={<ListDot color={color} />} count={counts.get(id)}>
              {name}
            </Entry>
            <ListMenu listId={id} />
          </li>
        ))}
        {lists.length === 0 && <li className="side-empty muted">{layoutTexts.noLists}</li>}
      </ul>
      {archived.length > 0 && (
        <details className="side-archived">
          <summary>
            <Icon name="chevron" />
            {layoutTexts.archivedLists(archived.length)}
          </summary>
          <ul>
            {archived.map(({ id, name, color }) => (
              <li key={id} className="side-list">
                <Entry href={`/lists/${id}`} mark={<ListDot color={color} />}>
                  {name}
                </Entry>
                <ListMenu listId={id} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

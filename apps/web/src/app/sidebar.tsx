import { type ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useLists, useTasks, useToday } from '../data/app.ts';
import { countByList, findDueOn, findLists, findOverdue } from '../data/views.ts';
import { ListMenu, NewListButton } from '../lists/list-dialogs.tsx';
import { common } from '../texts/common.ts';
import { formatNumber } from '../texts/formats.ts';
import { layoutTexts } from '../texts/layout.ts';
import { Icon, type IconName } from '../ui/icon.tsx';

interface EntryProps {
  href: string;
  icon: IconName;
  count?: number | undefined;
  color?: string | null;
  children: ReactNode;
}

function Entry({ href, icon, count, color, children }: EntryProps) {
  const [path] = useLocation();
  return (
    <Link href={href} className="side-entry" aria-current={path === href ? 'page' : undefined}>
      <span className="side-icon" style={color ? { color } : undefined}>
        <Icon name={icon} />
      </span>
      <span className="side-name">{children}</span>
      {count ? (
        <span className="side-count">
          {formatNumber(count)} <span className="visually-hidden">{layoutTexts.openTasks}</span>
        </span>
      ) : null}
    </Link>
  );
}

/** The places of the app. */
export function Sidebar() {
  const tasks = useTasks();
  const lists = findLists(useLists());
  const today = useToday();
  const counts = countByList(tasks);
  return (
    <nav className="side" aria-label={layoutTexts.navigation}>
      <ul>
        <li>
          <Entry href="/inbox" icon="inbox" count={counts.get(null)}>
            {common.inbox}
          </Entry>
        </li>
        <li>
          <Entry href="/today" icon="sun" count={findDueOn(tasks, today).length + findOverdue(tasks, today).length}>
            {common.today}
          </Entry>
        </li>
        <li>
          <Entry href="/upcoming" icon="upcoming">
            {common.upcoming}
          </Entry>
        </li>
        <li>
          <Entry href="/search" icon="search">
            {common.search}
          </Entry>
        </li>
        <li>
          <Entry href="/labels" icon="label">
            {common.labels}
          </Entry>
        </li>
      </ul>
      <div className="side-heading">
        <h2 id="side-lists">{layoutTexts.lists}</h2>
        <NewListButton />
      </div>
      <ul aria-labelledby="side-lists">
        {lists.map(({ id, name, color }) => (
          <li key={id} className="side-list">
            <Entry href={`/lists/${id}`} icon="list" count={counts.get(id)} color={color}>
              {name}
            </Entry>
            <ListMenu listId={id} />
          </li>
        ))}
        {lists.length === 0 && <li className="side-empty muted">{layoutTexts.noLists}</li>}
      </ul>
      <ul className="side-end">
        <li>
          <Entry href="/completed" icon="check">
            {common.completed}
          </Entry>
        </li>
        <li>
          <Entry href="/trash" icon="trash">
            {common.trash}
          </Entry>
        </li>
        <li>
          <Entry href="/settings" icon="settings">
            {common.settings}
          </Entry>
        </li>
      </ul>
    </nav>
  );
}

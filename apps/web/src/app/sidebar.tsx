import type { List } from '@holdfast/client';
import { type ReactNode, useDeferredValue, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { useLists, useTasks, useToday } from '../data/app.ts';
import { countByList, findArchivedLists, findDueOn, findLists, findOverdue } from '../data/views.ts';
import { ListDot } from '../lists/list-dot.tsx';
import { ListMenu } from '../lists/list-menu.tsx';
import { NewListButton } from '../lists/new-list.tsx';
import { useListOrder } from '../lists/use-list-order.ts';
import { usePlaceDrop } from '../tasks/drag/use-place-drop.ts';
import { formatNumber } from '../texts/formats.ts';
import { layoutTexts } from '../texts/layout.ts';
import { Icon } from '../ui/icon.tsx';
import { endPlaces, mainPlaces, type Place } from './places.ts';
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
      // The row of a list is dragged, not its address.
      draggable={false}
      aria-current={path === href ? 'page' : undefined}
    >
      <span className="side-mark">{mark}</span>
      <span className="side-name" dir="auto">
        {children}
      </span>
      {count ? (
        <span className={isLate ? 'side-count side-late' : 'side-count'}>
          {formatNumber(count)} <span className="visually-hidden">{layoutTexts.openTasks}</span>
        </span>
      ) : null}
    </Link>
  );
}

/** The places of the app. */
export function Sidebar() {
  // The list of the screen comes first.
  const tasks = useDeferredValue(useTasks());
  const today = useToday();
  const overdue = findOverdue(tasks, today).length;
  const counts: Record<string, number | undefined> = {
    '/inbox': countByList(tasks).get(null),
    '/today': findDueOn(tasks, today).length + overdue,
  };
  const toEntry = ({ href, name, icon }: Place) => (
    <li key={href}>
      <Entry href={href} mark={<Icon name={icon} />} count={counts[href]} isLate={href === '/today' && overdue > 0}>
        {name}
      </Entry>
    </li>
  );
  return (
    <nav className="side" aria-label={layoutTexts.navigation}>
      <UserMenu />
      <ul>{mainPlaces.map(toEntry)}</ul>
      <Lists />
      <ul className="side-end">{endPlaces.map(toEntry)}</ul>
    </nav>
  );
}

function ListEntry({ list, count }: { list: List; count?: number | undefined }) {
  const { id, name, color } = list;
  const row = useRef<HTMLLIElement>(null);
  const edge = useListOrder(row, list);
  return (
    <li ref={row} className="side-list" data-list={id} data-edge={edge ?? undefined}>
      <Entry href={`/lists/${id}`} mark={<ListDot color={color} />} count={count}>
        {name}
      </Entry>
      <ListMenu listId={id} />
    </li>
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
        {lists.map((list) => (
          <ListEntry key={list.id} list={list} count={counts.get(list.id)} />
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
            {archived.map((list) => (
              <ListEntry key={list.id} list={list} />
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

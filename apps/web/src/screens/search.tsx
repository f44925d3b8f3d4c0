import { useDeferredValue, useEffect, useMemo, useRef } from 'react';
import { Screen } from '../app/screen.tsx';
import { useTasks, useToday } from '../data/app.ts';
import { findMatches, isEmptySearch, type Search } from '../data/search.ts';
import { findOpen } from '../data/views.ts';
import { SearchFilters } from '../details/search/search-filters.tsx';
import { useSearch } from '../details/search/use-search.ts';
import { Empty } from '../tasks/empty.tsx';
import { TaskList } from '../tasks/task-list.tsx';
import { common } from '../texts/common.ts';
import { searchTexts } from '../texts/search.ts';
import { Icon } from '../ui/icon.tsx';

export function SearchScreen() {
  const state = useSearch();
  const field = useRef<HTMLInputElement>(null);
  const { text } = state.search;
  useEffect(() => field.current!.focus(), []);
  return (
    <Screen title={common.search}>
      <div className="field-line search-field" role="search">
        <Icon name="search" />
        <input
          ref={field}
          type="search"
          aria-label={searchTexts.field}
          placeholder={searchTexts.hint}
          autoComplete="off"
          enterKeyHint="search"
          maxLength={500}
          value={text}
          onChange={({ target }) => state.setText(target.value)}
        />
      </div>
      <SearchFilters {...state} />
      <Results search={useDeferredValue(state.search)} />
    </Screen>
  );
}

function Results({ search }: { search: Search }) {
  const tasks = useDeferredValue(useTasks());
  const today = useToday();
  const isEmpty = isEmptySearch(search);
  const found = useMemo(() => (isEmpty ? [] : findMatches(tasks, search, today)), [isEmpty, search, tasks, today]);
  const [open, completed] = [findOpen(found), useMemo(() => found.filter((task) => task.completed), [found])];
  return (
    <>
      <p className="search-count muted" role="status">
        {!isEmpty && found.length > 0 && searchTexts.found(found.length)}
        {!isEmpty && found.length === 0 && <span className="visually-hidden">{searchTexts.none.title}</span>}
      </p>
      {found.length === 0 && <Empty {...(isEmpty ? searchTexts.start : searchTexts.none)} />}
      {found.length > 0 && (
        <TaskList
          label={searchTexts.found(found.length)}
          sections={[
            ...(open.length > 0 ? [{ id: 'open', tasks: open }] : []),
            ...(completed.length > 0 ? [{ id: 'completed', title: common.completed, tasks: completed }] : []),
          ]}
          hasLists
        />
      )}
    </>
  );
}

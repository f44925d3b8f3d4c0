import { useLists, useTasks } from '../../data/app.ts';
import { findLabels } from '../../data/labels.ts';
import { dueFilters } from '../../data/search.ts';
import { findLists } from '../../data/views.ts';
import { common } from '../../texts/common.ts';
import { searchTexts } from '../../texts/search.ts';
import { Select } from '../../ui/select.tsx';
import type { Filter, SearchState } from './use-search.ts';

/** Filters for a search: list, label, due date, priority and state. */
export function SearchFilters({ get, set }: SearchState) {
  const lists = findLists(useLists());
  const labels = findLabels(useTasks());
  const bind = (name: Filter) => ({ value: get(name), onChange: (value: string) => set(name, value) });
  return (
    <div className="filters" role="group" aria-label={searchTexts.filters}>
      <Select
        {...bind('list')}
        label={searchTexts.list}
        none={searchTexts.anyList}
        options={[['inbox', common.inbox], ...lists.map(({ id, name }) => [id, name] as const)]}
      />
      <Select
        {...bind('label')}
        label={searchTexts.label}
        none={searchTexts.anyLabel}
        options={labels.map(({ name }) => [name, `#${name}`])}
      />
      <Select
        {...bind('due')}
        label={searchTexts.due}
        none={searchTexts.anyDue}
        options={dueFilters.map((filter) => [filter, searchTexts.dues[filter]])}
      />
      <Select
        {...bind('priority')}
        label={searchTexts.priority}
        none={searchTexts.anyPriority}
        options={[3, 2, 1, 0].map((value) => [String(value), common.priorities[value]!])}
      />
      <Select
        {...bind('state')}
        label={searchTexts.state}
        none={searchTexts.anyState}
        options={[
          ['open', searchTexts.open],
          ['completed', searchTexts.completed],
        ]}
      />
    </div>
  );
}

import type { Task } from '@holdfast/client';
import { fold, toSearchWords } from '@holdfast/task-values';
import { useLocation } from 'wouter';
import { places } from '../../app/places.ts';
import { useApp, useLists, useTasks, useToday } from '../../data/app.ts';
import { findLabels } from '../../data/labels.ts';
import { findMatches } from '../../data/search.ts';
import { chooseTheme } from '../../data/theme.ts';
import { findArchivedLists, findLists } from '../../data/views.ts';
import { common } from '../../texts/common.ts';
import { paletteTexts } from '../../texts/palette.ts';
import type { Choice } from '../../ui/choice-list.tsx';
import type { IconName } from '../../ui/icon.tsx';
import { useOpenTask } from '../use-open-task.ts';

const tasksMax = 12;

/** Everything that the palette can open or do, for a text. */
export function usePaletteChoices(text: string, onClose: () => void): Choice[] {
  const { actions, history, replica } = useApp();
  const [, navigate] = useLocation();
  const { open } = useOpenTask();
  const tasks = useTasks();
  const lists = useLists();
  const today = useToday();
  const name = text.trim();
  const words = toSearchWords(text);
  const isEmpty = words.length === 0;

  /** Closes the palette first, so that the next screen or dialog can take the focus. */
  const after = (run: () => void) => () => {
    onClose();
    run();
  };
  const goTo = (path: string) => after(() => navigate(path));
  const matches = ({ label }: { label: string }) => words.every((word) => fold(label).includes(word));

  const toTask = ({ id, title, completed, listId }: Task): Choice => ({
    id: `task-${id}`,
    group: paletteTexts.tasks,
    label: title,
    icon: completed ? 'check' : 'circle',
    note: listId === null ? common.inbox : replica.list.get(listId)?.name,
    run: after(() => open(id)),
  });
  const found = isEmpty ? [] : findMatches(tasks, { text }, today);
  const ofPlaces = places.map(({ href, name: label, icon }): Choice => ({
    id: href,
    group: paletteTexts.places,
    label,
    icon,
    run: goTo(href),
  }));
  const ofLists = [...findLists(lists), ...(isEmpty ? [] : findArchivedLists(lists))].map(
    ({ id, name: label, color, archivedAt }): Choice => ({
      id: `list-${id}`,
      group: paletteTexts.lists,
      label,
      color,
      icon: archivedAt === null ? 'list' : 'archive',
      run: goTo(`/lists/${id}`),
    }),
  );
  const ofLabels = findLabels(tasks).map((label): Choice => ({
    id: `label-${label.name}`,
    group: paletteTexts.labels,
    label: label.name,
    icon: 'label',
    run: goTo(`/labels/${encodeURIComponent(label.name)}`),
  }));
  const toAction = (id: string, label: string, icon: IconName, run: () => void): Choice => ({
    id,
    group: paletteTexts.actions,
    label,
    icon,
    run: after(run),
  });
  const ofActions = [
    toAction('undo', common.undo, 'restore', history.undo),
    toAction('light', paletteTexts.light, 'sun', () => chooseTheme('light')),
    toAction('dark', paletteTexts.dark, 'sun', () => chooseTheme('dark')),
    toAction('device', paletteTexts.device, 'sun', () => chooseTheme('device')),
  ];
  if (isEmpty) return [...ofPlaces, ...ofLists, ...ofActions];
  return [
    ...ofPlaces.filter(matches),
    ...ofLists.filter(matches),
    ...ofLabels.filter(matches),
    ...[...found.filter(({ completed }) => !completed), ...found.filter(({ completed }) => completed)]
      .slice(0, tasksMax)
      .map(toTask),
    ...ofActions.filter(matches),
    toAction('search', paletteTexts.search(name), 'search', () => navigate(`/search?q=${encodeURIComponent(name)}`)),
    toAction('add', paletteTexts.addTask(name), 'add', () => void actions.addTasks([{ title: name }])),
    toAction('list', common.newList(name), 'list', () => navigate(`/lists/${actions.addList({ name, color: null })}`)),
  ];
}

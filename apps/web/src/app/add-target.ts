import { addDays } from '@holdfast/task-values';
import { useLocation } from 'wouter';
import { useApp, useToday } from '../data/app.ts';
import type { AddTaskProps } from '../tasks/add-task.tsx';
import { readPath } from './places.ts';

/** The list, date or label of new tasks on the current page. */
export function useAddTarget(): AddTaskProps {
  const { replica } = useApp();
  useLocation();
  const today = useToday();
  const [place, value = ''] = readPath();
  if (place === 'today') return { date: today };
  if (place === 'upcoming') return { date: addDays(today, 1) };
  if (place === 'labels' && value) return { label: value };
  if (place === 'lists' && replica.list.get(value)?.archivedAt === null) return { listId: value };
  return {};
}

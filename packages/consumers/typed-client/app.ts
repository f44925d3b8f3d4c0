import { createClient, isHoldfastError } from '@holdfast/client';

/** Signs up, creates, updates and lists a task of a list, then causes a conflict. */
export async function tryOut(url: string): Promise<string> {
  const holdfast = createClient({ url });
  await holdfast.signUp({ name: 'Grace', email: 'grace@example.com', password: 'correct horse' });
  const { id: listId } = await holdfast.list.create({ name: 'Home' });
  const due = { date: '2027-06-01', time: '09:00', timeZone: 'Europe/Berlin' };
  const task = await holdfast.task.create({ title: 'Call the plumber', listId, due, labels: ['phone'] });
  await holdfast.task.update({ id: task.id, completed: true, ifVersion: task.version });
  const { items } = await holdfast.task.list({ listId, label: 'phone', due: { until: due.date }, order: 'due' });
  const conflict = await holdfast.task.delete({ id: task.id, ifVersion: 1 }).catch((error: unknown) => error);
  return `${items[0]?.title}, ${items[0]?.completed}, ${isHoldfastError(conflict) && conflict.code}`;
}

import type { Holdfast } from '@holdfast/client';
import { openReplica, type Replica } from '@holdfast/client/replica';

/** Shows the tasks of the signed-in user in `root`. Everything works without a network. */
export async function showTasks(holdfast: Holdfast, root: HTMLElement): Promise<Replica> {
  const replica = await openReplica(holdfast);
  root.innerHTML = '<p role="status"></p><form><input placeholder="New task" required></form><ul></ul><ul></ul>';
  const [status, form, problems, list] = [...root.children] as [HTMLElement, HTMLFormElement, HTMLElement, HTMLElement];
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    replica.task.create({ title: form.querySelector('input')!.value });
    form.reset();
  });

  /** Creates the row of a task once, because a new row would end the user's typing in the old one. */
  function createRow(id: string) {
    const row = document.createElement('li');
    row.innerHTML = '<input type="checkbox"> <input aria-label="Title"> <button>Delete</button>';
    const [box, title, remove] = [...row.children] as [HTMLInputElement, HTMLInputElement, HTMLButtonElement];
    box.addEventListener('change', () => replica.task.update({ id, completed: box.checked }));
    title.addEventListener('change', () => replica.task.update({ id, title: title.value }));
    title.addEventListener('blur', render);
    remove.addEventListener('click', () => replica.task.delete({ id }));
    return { row, box, title };
  }
  const rows = new Map<string, ReturnType<typeof createRow>>();
  let refused: Replica['refused'] = [];

  function render(): void {
    const { isOnline, isComplete, unsent } = replica.status;
    const sync = unsent > 0 ? `${unsent} unsent` : isComplete ? 'Up to date' : 'Loading';
    status.textContent = `${isOnline ? 'Online' : 'Offline'}. ${sync}.`;

    const tasks = replica.tasks.toSorted((one, other) => (one.position < other.position ? -1 : 1));
    const ids = new Set(tasks.map(({ id }) => id));
    for (const [id, { row }] of rows) if (!ids.has(id)) row.remove();
    for (const [index, task] of tasks.entries()) {
      const { row, box, title } = rows.get(task.id) ?? createRow(task.id);
      rows.set(task.id, { row, box, title });
      box.checked = task.completed;
      if (title !== document.activeElement) title.value = task.title;
      if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
    }

    // Writes that the server refused. The user reads the reason and takes them back.
    if (refused === replica.refused) return;
    refused = replica.refused;
    const items = refused.map(({ id, path, input, refusal }) => {
      const item = document.createElement('li');
      const drop = Object.assign(document.createElement('button'), { textContent: 'Take back' });
      drop.addEventListener('click', () => replica.drop(id));
      item.append(`Not saved: ${'title' in input ? input.title : path}. ${refusal.message} `, drop);
      return item;
    });
    problems.replaceChildren(...items);
  }

  replica.subscribe(render);
  render();
  return replica;
}

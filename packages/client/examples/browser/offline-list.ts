import { createClient } from '@holdfast/client';
import { openReplica, type Replica } from '@holdfast/client/replica';

const storage = {
  load: () => localStorage.getItem('session'),
  save: (session: string | null) =>
    session === null ? localStorage.removeItem('session') : localStorage.setItem('session', session),
};
export const holdfast = createClient({ url: location.origin, storage });

/** Shows the tasks of the signed-in user in `root`. Everything works without a network. */
export async function showTasks(root: HTMLElement): Promise<Replica> {
  const replica = await openReplica(holdfast);
  root.innerHTML = '<p role="status"></p><form><input name="title" required></form><ul></ul>';
  const [status, form, list] = [...root.children] as [HTMLElement, HTMLFormElement, HTMLElement];

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    replica.task.create({ title: form.querySelector('input')!.value });
    form.reset();
  });

  function render(): void {
    const { tasks, refused } = replica;
    const { isOnline, isComplete, unsent } = replica.status;
    const sync = unsent > 0 ? `${unsent} unsent` : isComplete ? 'All changes saved' : 'Loading';
    status.textContent = `${isOnline ? 'Online' : 'Offline'}. ${sync}.`;
    const rows = tasks
      .toSorted((one, other) => (one.position < other.position ? -1 : 1))
      .map((task) => {
        const box = Object.assign(document.createElement('input'), { type: 'checkbox', checked: task.completed });
        box.addEventListener('change', () => void replica.task.update({ id: task.id, completed: box.checked }));
        const remove = Object.assign(document.createElement('button'), { textContent: 'Delete' });
        remove.addEventListener('click', () => replica.task.delete({ id: task.id }));
        const row = document.createElement('li');
        row.append(box, task.title, remove);
        return row;
      });
    // The server refused these writes. The user reads the reason and takes them back.
    const problems = refused.map(({ id, refusal }) => {
      const drop = Object.assign(document.createElement('button'), { textContent: 'Take back' });
      drop.addEventListener('click', () => replica.drop(id));
      const row = document.createElement('li');
      row.append(`Refused: ${refusal.message}`, drop);
      return row;
    });
    list.replaceChildren(...problems, ...rows);
  }

  replica.subscribe(render);
  render();
  return replica;
}

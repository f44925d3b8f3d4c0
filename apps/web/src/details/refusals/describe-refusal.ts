import type { RefusedWrite, Replica, WritePath } from '@holdfast/client/replica';
import { refusalTexts as texts } from '../../texts/refusals.ts';

/** The parts of an input that its description names. */
interface AnyInput {
  id?: string;
  ids?: string[];
  items?: AnyInput[];
  set?: object;
  title?: string;
  name?: string;
  from?: string;
  to?: string;
}

const toFields = (changes: object) =>
  Object.keys(changes).filter((field) => !/^(?:id|ifVersion|operationId)$/.test(field));

/** A description of the refused change, such as `Change the date of “Buy milk”`. */
export function describeWrite(replica: Replica, { path, input }: RefusedWrite): string {
  const { id, ids = [], items = [], set, title, name, from = '', to = '' } = input as AnyInput;
  const nameTask = (taskId: string) => {
    const found = replica.task.get(taskId)?.title;
    return found === undefined ? texts.aTask : texts.quoted(found);
  };
  const nameTasks = (taskIds: string[]) => (taskIds.length === 1 ? nameTask(taskIds[0]!) : texts.many(taskIds.length));
  const nameList = () => {
    const found = name ?? replica.list.get(id!)?.name;
    return found === undefined ? texts.aList : texts.list(texts.quoted(found));
  };

  const descriptions: Record<WritePath, () => string> = {
    'task.create': () => texts.add(texts.quoted(title!)),
    'task.createMany': () => texts.add(texts.many(items.length)),
    'task.update': () => texts.change(toFields(input), nameTask(id!)),
    'task.updateMany': () => texts.change(toFields(set!), nameTasks(ids)),
    'task.delete': () => texts.trash(nameTask(id!)),
    'task.deleteMany': () => texts.trash(nameTasks(ids)),
    'task.reorder': () => texts.order(nameTasks(ids)),
    'trash.restore': () => texts.restore(nameTasks(ids)),
    'label.rename': () => texts.renameLabel(from, to),
    'list.create': () => texts.addList(texts.quoted(name!)),
    'list.update': () => texts.change(toFields(input), nameList()),
    'list.delete': () => texts.trash(nameList()),
    'list.restore': () => texts.restore(nameList()),
  };
  return descriptions[path]();
}

/** Why the server refused the write, for people. */
export function describeReason({ refusal }: RefusedWrite): string {
  if (refusal.conflict) return texts.conflict;
  return texts.reasons[refusal.code] ?? refusal.message;
}

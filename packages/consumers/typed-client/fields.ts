import { createClient } from '@holdfast/client';

const { task, list, label, trash, user, trpc, signIn, signUp } = createClient({ url: 'http://127.0.0.1' });

await signIn({ email: '', password: '' });
const me = await signUp({ name: '', email: '', password: '' });
export const ofAccount = [me.id, me.email, me.name];

await task.create({ id: '', title: '', description: null, completed: false });
await task.create({ title: '', listId: '', due: { date: '', time: '', timeZone: '' }, priority: 1, labels: [] });
await task.update({ id: '', title: '', description: null, completed: false, ifVersion: 1, operationId: '' });
await task.update({ id: '', listId: '', due: null, priority: 1, labels: [], position: '' });
await task.list({ limit: 1, cursor: '', direction: 'forward', completed: false, order: 'oldest' });
await task.list({ listId: null, label: '', priority: 0, due: { from: '', until: '', none: true }, search: '' });
await task.count({ updatedAfter: '', completedAfter: '' });
await task.delete({ id: '' }, { keepalive: true });
task.listAll({ limit: 1, completed: false, order: 'oldest' });
await task.delete({ id: '', ifVersion: 1, operationId: '' });
await task.createMany({ items: [{ title: '' }] });
await task.updateMany({ ids: [''], set: { addLabels: [''], removeLabels: [''] }, operationId: '' });
await task.deleteMany({ ids: [''], operationId: '' });
await task.reorder({ listId: '', ids: [''], operationId: '' });
await trash.list({ limit: 1, cursor: '', direction: 'forward' });
await trash.restore({ ids: [''], operationId: '' });
await trash.purge({ ids: [''] });
await trash.purge({ before: '' });
await list.create({ id: '', name: '', color: '', position: '' });
await list.update({ id: '', name: '', color: '', position: '', archived: true, ifVersion: 1, operationId: '' });
await list.delete({ id: '', moveTo: '', ifVersion: 1, operationId: '' });
await label.rename({ from: '', to: '', operationId: '' });
await user.update({ name: '', timeZone: '' });
const exported = await user.export({ cursor: '' });
await user.import({ lists: exported.lists, tasks: exported.tasks });
await user.delete({ password: '' });
await trpc.task.create.mutate({ id: '', title: '', description: null, completed: false });

const one = await task.get({ id: '' });
export const text = [one.id, one.title, one.description, one.completed];
export const rest = [one.completedAt, one.createdAt, one.updatedAt, one.version];
export const planned = [one.listId, one.due?.date, one.priority, one.labels, one.position, one.deletedAt];
const raw = await trpc.task.get.query({ id: '' });
export const ofTrpc = [raw.title, raw.updatedAt];
const page = await task.list();
export const ofPage = [page.items, page.nextCursor];
const own = await user.me();
export const ofUser = [own.id, own.email, own.name, own.createdAt, own.timeZone];
const home = await list.restore({ id: '', operationId: '' });
export const ofList = [home.id, home.name, home.color, home.position, home.archivedAt];
export const ofListToo = [home.createdAt, home.updatedAt, home.version];

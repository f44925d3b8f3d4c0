import { createClient } from '@holdfast/client';

const { task, user, trpc } = createClient({ url: 'http://127.0.0.1' });

await task.create({ id: '', title: '', description: null, completed: false });
await task.update({ id: '', title: '', description: null, completed: false, ifVersion: 1 });
await task.list({ limit: 1, cursor: '', completed: false, order: 'oldest' });
task.listAll({ limit: 1, completed: false, order: 'oldest' });
await task.delete({ id: '', ifVersion: 1 });
await trpc.task.create.mutate({ id: '', title: '', description: null, completed: false });

const one = await task.get({ id: '' });
export const text = [one.id, one.title, one.description, one.completed];
export const rest = [one.completedAt, one.createdAt, one.updatedAt, one.version];
const raw = await trpc.task.get.query({ id: '' });
export const ofTrpc = [raw.title, raw.updatedAt];
const page = await task.list();
export const ofPage = [page.items, page.nextCursor];
const me = await user.me();
export const ofUser = [me.id, me.email, me.name, me.createdAt];

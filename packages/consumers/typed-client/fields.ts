import { createClient } from '@holdfast/client';

const { task, user, trpc, signIn, signUp } = createClient({ url: 'http://127.0.0.1' });

await signIn({ email: '', password: '' });
const me = await signUp({ name: '', email: '', password: '' });
export const ofAccount = [me.id, me.email, me.name];

await task.create({ id: '', title: '', description: null, completed: false });
await task.update({ id: '', title: '', description: null, completed: false, ifVersion: 1 });
await task.list({ limit: 1, cursor: '', direction: 'forward', completed: false, order: 'oldest' });
await task.delete({ id: '' }, { keepalive: true });
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
const own = await user.me();
export const ofUser = [own.id, own.email, own.name, own.createdAt];

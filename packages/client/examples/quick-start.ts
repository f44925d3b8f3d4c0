import { createClient } from '@holdfast/client';

const holdfast = createClient({ url: process.env['HOLDFAST_URL'] ?? 'http://127.0.0.1:3000' });
const ada = { name: 'Ada', email: 'ada@example.com', password: 'correct horse' };
await holdfast.signIn(ada).catch(() => holdfast.signUp(ada));

const due = { date: '2027-06-01', time: '09:00' };
const task = await holdfast.task.create({ title: 'Call the plumber', due, labels: ['home'] });
await holdfast.task.update({ id: task.id, completed: true, ifVersion: task.version });
const { items, nextCursor } = await holdfast.task.list({ label: 'home', limit: 10 });
console.log(items, nextCursor);

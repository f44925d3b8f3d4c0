import { tryOut } from './app.ts';

console.log(await tryOut(process.env['BASE'] ?? ''));

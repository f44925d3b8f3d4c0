import { expect, test } from 'vitest';
import { writeFileSync } from 'node:fs';
import { createTasks, deleteTasks, reorderTasks, updateTasks } from '../../src/index.ts';
import { explain, listStatements } from '../../src/status/explain.ts';
import { alice, openFixture, asTools } from '../fixture.ts';
const { db, sql, url } = await openFixture();
const scope = db.asUser(alice);
test('smoke', async () => {
  await asTools(sql, 'insert into users (id) select $1 union all select gen_random_uuid() from generate_series(1, 500)', [alice]);
  await asTools(sql, `insert into tasks (user_id, id, title, completed, completed_at, created_at, updated_at, position)
    select users.id, gen_random_uuid(), 'task', n % 20 = 0, case when n % 20 = 0 then at end, at, at, 'g' || lpad(n::text, 7, '0')||'V'
    from users, lateral generate_series(1, case when users.id = $1 then 100000 else 15 end) n,
      lateral (select '2026-01-01'::timestamptz + n * interval '1 s' as at) times`, [alice]);
  await sql.query('vacuum analyze tasks');
  let out = '';
  for (const { name } of listStatements()) if (/^(?:log_)?tasks(?:_|$)/.test(name)) out += `\n\n== ${name}\n` + (await explain(url, name)).join('\n');
  const measure = async (label: string, work: () => Promise<unknown>) => {
    const times = [];
    for (let i = 0; i < 11; i++) { const at = performance.now(); await work(); times.push(performance.now() - at); }
    out += `\n${label}: ${times.map((t) => t.toFixed(1)).join(' ')}`;
  };
  const { rows } = await asTools(sql, 'select id from tasks where user_id = $1 order by random() limit 500', [alice]);
  const ids = rows.map(({ id }) => id as string);
  const { rows: inOrder } = await asTools(sql, 'select id from tasks where user_id = $1 order by position limit 500', [alice]);
  const first = inOrder.map(({ id }) => id as string);
  let n = 0;
  await measure('updateMany priority 500', () => updateTasks(scope, { ids, set: { priority: (++n % 4) as 0 } }));
  await measure('updateMany title+completed+op 500', () => updateTasks(scope, { ids, set: { title: `t${++n}`, completed: n % 2 === 0 }, operationId: crypto.randomUUID() }));
  await measure('updateMany labels 500', () => updateTasks(scope, { ids, set: { addLabels: [`l${++n}`, 'Home'], removeLabels: [`l${n - 1}`] } }));
  await measure('reorder neighbors 500', () => reorderTasks(scope, { listId: null, ids: first.toSorted(() => Math.random() - 0.5) }));
  await measure('reorder scattered 500', () => reorderTasks(scope, { listId: null, ids: ids.toSorted(() => Math.random() - 0.5) }));
  await measure('createMany 500', () => createTasks(scope, Array.from({ length: 500 }, (_, i) => ({ title: `t${i}` }))));
  const made = await createTasks(scope, Array.from({ length: 500 }, (_, i) => ({ title: `t${i}` })));
  const at = performance.now(); await deleteTasks(scope, { ids: made.items.map(({ id }) => id) }); out += `\ndelete ${performance.now() - at}`;
  writeFileSync('/tmp/h/many-plans.txt', out);
  expect(1).toBe(1);
}, 120_000);

import { Client } from 'pg';
import { toolsRole } from '../schema/roles.ts';

/** The tables of all schemas, of which a column of any type contains the text, in alphabetical order. */
export async function findTablesWith(url: string, text: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string; columns: string; is_isolated: boolean }>(String.raw`
      select nspname || '.' || relname as name, relrowsecurity as is_isolated,
        string_agg(format('%I::text', attname), ', ') as columns
      from pg_class join pg_namespace on pg_namespace.oid = relnamespace join pg_attribute on attrelid = pg_class.oid
      where relkind in ('r', 'p') and nspname not like 'pg\_%' and nspname <> 'information_schema'
        and attnum > 0 and not attisdropped
      group by nspname, relname, relrowsecurity order by 1`);
    const found: string[] = [];
    for (const { name, columns, is_isolated } of tables) {
      await client.query(`begin; set local role ${is_isolated ? toolsRole : 'none'}`);
      const [schema, table] = name.split('.').map((part) => client.escapeIdentifier(part));
      const { rowCount } = await client.query(
        `select from ${schema}.${table} where strpos(concat_ws(' ', ${columns}), $1) > 0 limit 1`,
        [text],
      );
      await client.query('commit');
      if (rowCount! > 0) found.push(name);
    }
    return found;
  } finally {
    await client.end();
  }
}

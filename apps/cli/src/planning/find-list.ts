import type { List } from '@holdfast/client';
import { CliError } from '../errors.ts';
import { toCompactId } from '../tasks/short-ids.ts';

/** The list with this name or whole ID. Case is ignored unless names differ only in case. @throws CliError */
export function findList(lists: List[], text: string): List {
  const name = text.trim();
  const byId = lists.filter(({ id }) => toCompactId(id) === toCompactId(name));
  const exact = lists.filter((list) => list.name === name);
  const similar = lists.filter((list) => list.name.toLowerCase() === name.toLowerCase());
  const [found, ...others] = [byId, exact, similar].find(({ length }) => length > 0) ?? [];
  if (found === undefined) {
    const message = `You have no list '${name}'. Create it with \`tasks lists add '${name}'\`.`;
    throw new CliError('NOT_FOUND', message, { more: { list: name } });
  }
  if (others.length === 0) return found;
  const message = `${others.length + 1} lists are named '${name}'. Use an ID of \`tasks lists --json\`.`;
  throw new CliError('AMBIGUOUS_ID', message, { more: { list: name, candidates: [found, ...others] } });
}

/** ID of a list. Null for `inbox`, unless a list has this name. */
export function findListId(lists: List[], name: string): string | null {
  const isInbox = name.trim().toLowerCase() === 'inbox' && !lists.some((list) => list.name.toLowerCase() === 'inbox');
  return isInbox ? null : findList(lists, name).id;
}

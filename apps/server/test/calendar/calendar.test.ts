import { randomUUID } from 'node:crypto';
import type { RouterInputs, RouterOutputs } from '@holdfast/api';
import { addDays, todayIn } from '@holdfast/task-values';
import { expect, test } from 'vitest';
import { openServer, password, post, signUp } from '../fixture.ts';

const server = await openServer();
const { url } = server;
const today = todayIn(null, new Date());

async function openUser(base = url) {
  const { jwt, id } = await signUp(base, `${randomUUID()}@example.org`);
  async function call<Data>(procedure: string, input: object = {}): Promise<Data> {
    const response = await post(`${base}/trpc/${procedure}`, input, { authorization: `Bearer ${jwt}` });
    const { result } = (await response.json()) as { result: { data: Data } };
    expect(response.status, procedure).toBe(200);
    return result.data;
  }
  return {
    id,
    call,
    create: (task: RouterInputs['task']['create']) => call<RouterOutputs['task']['create']>('task.create', task),
    createCalendar: () => call<RouterOutputs['calendar']['create']>('calendar.create'),
    getCalendar: () => call<RouterOutputs['calendar']['get']>('calendar.get'),
  };
}

const strip = (text: string) => text.replace(/"requestId":"[^"]*"/, '');

/** The unfolded lines of each event, by its title. */
function readEvents(text: string): Map<string, string[]> {
  const lines = text.replaceAll('\r\n ', '').split('\r\n');
  const events = new Map<string, string[]>();
  for (let at = lines.indexOf('BEGIN:VEVENT'); at !== -1; at = lines.indexOf('BEGIN:VEVENT', at + 1)) {
    const event = lines.slice(at + 1, lines.indexOf('END:VEVENT', at));
    events.set(event.find((line) => line.startsWith('SUMMARY:'))!.slice('SUMMARY:'.length), event);
  }
  return events;
}

async function read(path: string, headers: Record<string, string> = {}, base = url) {
  const response = await fetch(base + path, { headers });
  return { response, status: response.status, text: await response.text() };
}

test('a calendar app reads the due tasks of the user as events, without a token', async () => {
  const user = await openUser();
  const { path } = await user.createCalendar();
  await user.call('user.update', { timeZone: 'Europe/Berlin' });
  const { id } = await user.create({
    title: 'Flight; to "Oslo", gate\\5',
    description: 'Line 1\nLine 2\u0007',
    due: { date: '2030-07-01', time: '09:30', timeZone: 'Asia/Tokyo' },
    priority: 3,
    labels: ['travel', 'a,b'],
  });
  await user.create({ title: 'Rent', due: { date: '2030-07-01' } });
  await user.create({ title: 'Call', due: { date: '2030-07-01', time: '18:00' } });
  await user.create({ title: 'Skipped', due: { date: '2030-03-31', time: '02:30' } });
  await user.create({ title: 'Last day', due: { date: '9999-12-31', time: '23:59', timeZone: 'America/Lima' } });
  await user.create({ title: 'Done', due: { date: '2030-07-01' }, completed: true });
  await user.create({ title: 'Some day' });
  const { response, text } = await read(path);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'text/calendar; charset=utf-8',
    'content-disposition': 'inline; filename="holdfast.ics"',
    'cache-control': 'private, no-cache',
    'x-robots-tag': 'noindex',
  });
  expect(text).toMatch(/^BEGIN:VCALENDAR\r\nVERSION:2\.0\r\n/);
  expect(text).toMatch(/\r\nX-WR-TIMEZONE:Europe\/Berlin\r\nEND:VCALENDAR$/);
  expect(text.split('\r\n').every((line) => Buffer.byteLength(line) <= 75)).toBe(true);
  const events = readEvents(text);
  const flight = 'Flight\\; to "Oslo"\\, gate\\\\5';
  expect([...events.keys()]).toEqual(['Skipped', flight, 'Call', 'Rent', 'Last day']);
  expect(events.get(flight)).toEqual(
    expect.arrayContaining([
      `UID:${id}@holdfast`,
      'DTSTART:20300701T003000Z',
      'DTEND:20300701T010000Z',
      'DESCRIPTION:Line 1\\nLine 2 ',
      'CATEGORIES:travel,a\\,b',
      'PRIORITY:1',
      'TRANSP:TRANSPARENT',
    ]),
  );
  expect(events.get('Rent')).toContain('DTSTART;VALUE=DATE:20300701');
  expect(events.get('Last day')).toContain('DTSTART;VALUE=DATE:99991231');
  // The time of any zone is that of the user's zone, unless its clocks skip it.
  expect(events.get('Call')).toContain('DTSTART:20300701T160000Z');
  expect(events.get('Skipped')).toContain('DTSTART:20300331T023000');
  await user.call('user.update', { timeZone: null });
  expect(readEvents((await read(path)).text).get('Call')).toContain('DTSTART:20300701T180000');
});

test('texts of tasks cannot add lines to a calendar', async () => {
  const user = await openUser();
  const { path } = await user.createCalendar();
  const text = 'x\r\nEND:VEVENT\r\nBEGIN:VEVENT\nEND:VCALENDAR\u0000'.replace('\u0000', '\u0085\u2028');
  await user.create({ title: 'x', description: text, labels: [text.slice(0, 50)], due: { date: today } });
  await user.create({ title: text, due: { date: today } });
  const lines = (await read(path)).text.split('\r\n');
  for (const [line, count] of [
    ['BEGIN:VEVENT', 2],
    ['END:VEVENT', 2],
    ['END:VCALENDAR', 1],
  ] as const) {
    expect(lines.filter((one) => one === line)).toHaveLength(count);
  }
});

test('a calendar has all events of a user with more tasks than its limit, in parts that are whole', async () => {
  const user = await openUser();
  const { path } = await user.createCalendar();
  const dates = Array.from({ length: 1_400 }, (_, at) => addDays(today, at - 300));
  for (const at of [0, 500, 1_000]) {
    const items = dates.slice(at, at + 500).map((date) => ({ title: date, due: { date } }));
    await user.call('task.createMany', { items });
  }
  const { text } = await read(path);
  expect([...readEvents(text).keys()]).toEqual(dates.slice(50, 1_050));
  expect(text.match(/BEGIN:VCALENDAR|END:VCALENDAR/g)).toHaveLength(2);
});

test('an empty calendar is valid, and its ETag saves the response until a task changes', async () => {
  const user = await openUser();
  const { path } = await user.createCalendar();
  const { response, text } = await read(path);
  expect(text).toMatch(/^BEGIN:VCALENDAR\r\n[^]*\r\nEND:VCALENDAR$/);
  // Without the second header, fetch asks for the whole response.
  const headers = { 'if-none-match': response.headers.get('etag')!, 'cache-control': 'max-age=0' };
  expect(await read(path, headers)).toMatchObject({ status: 304, text: '' });
  await user.create({ title: 'New', due: { date: today } });
  expect((await read(path, headers)).text).toContain('SUMMARY:New');
  const head = await fetch(url + path, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('a secret that is wrong, revoked, replaced or of a deleted user has the same response as one that never existed', async () => {
  const never = await read(`/calendar/${'A'.repeat(54)}.ics`);
  expect(never.status).toBe(404);
  const expectGone = async (path: string) => {
    const { status, text, response } = await read(path);
    expect([status, strip(text)]).toEqual([404, strip(never.text)]);
    expect([...response.headers.keys()]).toEqual([...never.response.headers.keys()]);
  };
  const user = await openUser();
  const former = await user.createCalendar();
  const { path, createdAt } = await user.createCalendar();
  expect(await user.getCalendar()).toEqual({ createdAt });
  await expectGone(former.path);
  // The same user, another secret.
  await expectGone(`${path.slice(0, -5)}${path.at(-5) === 'A' ? 'B' : 'A'}.ics`);
  for (const other of ['/calendar/x.ics', `${path.slice(0, -4)}x.ics`]) await expectGone(other);
  expect((await read(path)).status).toBe(200);
  await user.call('calendar.revoke');
  await expectGone(path);
  expect(await user.getCalendar()).toEqual({ createdAt: null });
  const last = await user.createCalendar();
  await user.call('user.delete', { password });
  await expectGone(last.path);
});

test('the log has neither the secret of a calendar nor its tasks, also for a wrong path or method', async () => {
  const user = await openUser();
  const { path } = await user.createCalendar();
  await user.create({ title: 'Doctor', due: { date: today } });
  const secret = path.slice('/calendar/'.length, -'.ics'.length);
  const paths = [path, path.toUpperCase(), `/wrong${path}`, `${path}/more`, path.slice(0, -4), `${path}?x=${secret}`];
  for (const one of paths) await read(one, { 'x-request-id': 'calendar-1' });
  await fetch(url + path, { method: 'DELETE', headers: { 'x-request-id': 'calendar-1' } });
  await read(path, { 'x-request-id': 'calendar-2' });
  await expect.poll(() => server.log.filter((line) => line['requestId'] === 'calendar-1')).toHaveLength(7);
  await expect
    .poll(() => server.log.find((line) => line['requestId'] === 'calendar-2'))
    .toMatchObject({
      path: '/calendar/',
      status: 200,
      statements: 1,
      userId: user.id,
    });
  const log = JSON.stringify(server.log).toLowerCase();
  expect(log).not.toContain(secret.toLowerCase());
  expect(log).not.toContain(secret.slice(22).toLowerCase());
  expect(log).not.toContain('doctor');
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain('route="calendar"');
  expect(metrics).not.toContain(secret);
});

test('the reads of one calendar are limited, and wrong secrets are limited by address and not by the user in them, and the metrics count the refusals', async () => {
  const { url: limited } = await openServer({ RATE_LIMIT_PER_MINUTE: '40' });
  const [one, other] = [await openUser(limited), await openUser(limited)];
  const { path } = await one.createCalendar();
  const { path: otherPath } = await other.createCalendar();
  for (let reads = 0; reads < 20; reads++) expect((await read(path, {}, limited)).status).toBe(200);
  const refused = await read(path, {}, limited);
  expect(refused.status).toBe(429);
  expect(Number(refused.response.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await read(otherPath, {}, limited)).status).toBe(200);
  const wrong = () => read(`/calendar/${otherPath.slice(10, 32)}${'x'.repeat(32)}.ics`, {}, limited);
  const statuses: number[] = [];
  while (statuses.at(-1) !== 429 && statuses.length < 60) statuses.push((await wrong()).status);
  expect(statuses.at(-1)).toBe(429);
  expect((await read('/metrics', {}, limited)).text).toContain('\nholdfast_rate_limited_calls_total 2\n');
  // The user of the wrong secrets can still call.
  expect(await other.getCalendar()).toEqual({ createdAt: expect.any(String) as string });
});

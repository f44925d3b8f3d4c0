import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openServer, signUp } from '../fixture.ts';

const { url } = await openServer();
const readMetrics = async () => (await fetch(`${url}/metrics`)).text();
const atStart = await readMetrics();
const page = await readFile(new URL('../../../../docs/operations.md', import.meta.url), 'utf8');

/** The selectors of the documented alert rules, such as `holdfast_calls_total{outcome=~"A|B"}`. */
const selectors = [...page.matchAll(/^ +expr: (?:\|\n((?: {10,}.*\n)+)|(.*)$)/gm)].flatMap(([, block, line]) =>
  [...(block ?? line)!.matchAll(/\b((?:holdfast|nodejs)_\w+)(?:\{([^}]*)\})?/g)].map(([, name, labels]) => ({
    name: name!,
    labels: labels ?? '',
  })),
);

/** Each combination of label values that a selector can name. */
function toLabels(labels: string): string[] {
  return labels
    .split(',')
    .filter(Boolean)
    .flatMap((label) => {
      const [, name, values] = /^\s*(\w+)=~?"([^"]*)"$/.exec(label)!;
      return values!.split('|').map((value) => `${name}="${value.replace('.+', '')}`);
    });
}

test('every series that a documented alert reads exists from the start', () => {
  const own = selectors.filter(({ name }) => !name.startsWith('holdfast_backup_'));
  expect(own.map(({ name }) => name)).toContain('holdfast_calls_total');
  const lines = atStart.split('\n');
  for (const { name, labels } of own) {
    const series = lines.filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
    expect([name, series.length > 0]).toEqual([name, true]);
    for (const label of toLabels(labels)) expect(series.join('\n')).toContain(label);
  }
});

const names = (text: string) =>
  new Set([...text.matchAll(/^(holdfast_(?:calls|http|call)\w+(?:\{.*\})?) /gm)].map(([, name]) => name!));

test('no series of calls and requests that failed appears with its first count', async () => {
  const { jwt } = await signUp(url, 'ada@example.org');
  await fetch(`${url}/trpc/task.list`, { headers: { authorization: `Bearer ${jwt}` } });
  const known = names(atStart);
  for (const procedure of ['task.create', 'task.list', 'user.me', 'unknown']) {
    for (const outcome of ['OK', 'INTERNAL_SERVER_ERROR', 'SERVICE_UNAVAILABLE', 'GATEWAY_TIMEOUT']) {
      expect(known).toContain(`holdfast_calls_total{procedure="${procedure}",outcome="${outcome}"}`);
    }
  }
  for (const route of ['trpc', 'auth', 'livez', 'readyz', 'metrics', 'other']) {
    expect(known).toContain(`holdfast_http_requests_total{route="${route}",status="5xx"}`);
  }
  for (const name of names(await readMetrics())) expect(known).toContain(name);
});

test('the names of metrics follow the rules of Prometheus', async () => {
  const text = await readMetrics();
  for (const [, name, type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    expect([name, type, name!.endsWith('_total')]).toEqual([name, type, type === 'counter']);
    expect(name).not.toMatch(/(?:^|_)(?:ms|milliseconds?|minutes?|kb|kib|mb|mib|percent)(?:_|$)/);
  }
  for (const [, name] of text.matchAll(/^# TYPE (\S+) \S+$/gm)) expect(text).toContain(`# HELP ${name} `);
});

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

test.skipIf(!hasPromtool)('promtool has no objections to the metrics', async () => {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: await readMetrics(),
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
});

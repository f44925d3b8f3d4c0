import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openFixture } from './fixture.ts';

const { openApp } = await openFixture();

const src = fileURLToPath(new URL('../../src', import.meta.url));

/** The declarations of a style sheet, also of nested rules. */
const findDeclarations = (css: string) =>
  [...css.replaceAll(/\/\*.*?\*\//gs, '').matchAll(/(?<=[{};]\s*)([\w-]+):\s*([^;{}]+);/g)].map(
    ([, name = '', value = '']) => [name, value.replaceAll(/\s+/g, ' ')] as const,
  );

const read = async (pattern: string) =>
  Promise.all((await Array.fromAsync(glob(`${src}/**/${pattern}`))).map((path) => readFile(path, 'utf8')));

test('the browser accepts each declaration of the styles, and each variable of them has a value', async () => {
  const declarations = (await read('*.css')).flatMap(findDeclarations);
  expect(declarations.length).toBeGreaterThan(1000);
  const variables = declarations.filter(([name]) => name.startsWith('--'));
  const ofScripts = (await read('*.tsx')).flatMap((code) => code.match(/(?<=')--[\w-]+(?=')/g) ?? []);
  const page = await openApp();
  const refused = await page.evaluate(
    ({ declarations, variables, ofScripts }) => {
      const known = new Map(variables);
      // With a variable, browsers accept any value.
      const fill = (value: string): string =>
        value.replaceAll(/var\((--[\w-]+)(?:, ([^()]*))?\)/g, (_, name: string, instead = '') =>
          fill(known.get(name) ?? instead),
        );
      return declarations
        .filter(([name, value]) => !/^(?:--|-webkit-)/.test(name) && !ofScripts.some((one) => value.includes(one)))
        .map(([name, value]) => [name, fill(value).replace(/ !important$/, '')] as const)
        .filter(([name, value]) => !CSS.supports(name, value))
        .map(([name, value]) => `${name}: ${value}`);
    },
    { declarations, variables, ofScripts },
  );
  expect(refused).toEqual([]);
});

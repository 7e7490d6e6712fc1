import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findPlaybook } from '../../src/cli/find-playbook.ts';

const root = mkdtempSync(join(tmpdir(), 'kplay-find-'));
for (const name of ['here', 'config/playbooks', 'package/playbooks']) mkdirSync(join(root, name), { recursive: true });
for (const name of [
  'here/a.yml',
  'config/playbooks/a.yml',
  'config/playbooks/b.yaml',
  'package/playbooks/b.yml',
  'package/playbooks/c.yml',
])
  writeFileSync(join(root, name), '');
const places = { cwd: join(root, 'here'), configDir: join(root, 'config'), home: join(root, 'package') };

test.each([
  ['a.yml', 'here/a.yml'],
  ['a', 'here/a.yml'],
  ['b', 'config/playbooks/b.yaml'],
  ['c', 'package/playbooks/c.yml'],
  ['../config/playbooks/a', 'config/playbooks/a.yml'],
])('%s is %s', (name, found) => expect(findPlaybook(name, places)).toBe(join(root, found)));

test('a path is never looked up elsewhere', () => {
  expect(() => findPlaybook('./c', places)).toThrow(
    expect.objectContaining({ code: 'E_FILE', message: 'the playbook: ./c could not be found' }),
  );
});

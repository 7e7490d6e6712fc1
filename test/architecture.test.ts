import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

/** What each room may import besides itself: data flows one way. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  model: [],
  http: ['model'],
  value: ['model'],
  vault: ['model'],
  shell: ['model'],
  yaml: ['model', 'value', 'vault'],
  template: ['model', 'value', 'vault'],
  inventory: ['model', 'value', 'vault', 'yaml'],
  vars: ['model', 'value', 'vault', 'yaml', 'inventory'],
  playbook: ['model', 'value', 'vault', 'yaml', 'vars'],
  probes: ['model', 'shell'],
  kubernetes: ['model', 'value', 'yaml', 'probes', 'http'],
  etcd: ['model', 'probes', 'http'],
  tasks: ['model', 'value', 'vault', 'shell', 'probes', 'kubernetes', 'etcd'],
  transport: ['model', 'shell'],
  guard: ['model'],
  engine: ['model', 'value', 'vault', 'template', 'inventory', 'vars', 'playbook', 'shell', 'guard', 'http'],
  report: ['model'],
  lab: ['model', 'shell'],
  cli: [
    'model',
    'value',
    'vault',
    'yaml',
    'template',
    'inventory',
    'vars',
    'playbook',
    'tasks',
    'transport',
    'engine',
    'guard',
    'report',
    'lab',
    'shell',
  ],
};
const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
const imports = (file: string): readonly string[] =>
  [...readFileSync(join('src', file), 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, to]) => join(dirname(file), to!));

test.for(files)('%s imports only what its room allows', file => {
  const room = file.split('/')[0]!;
  for (const to of imports(file)) {
    const other = to.split('/')[0]!;
    if (other !== room) expect(MAY[room], `${file} → ${relative('.', to)}`).toContain(other);
  }
});

test('only transport knows ssh2, and only report and cli print', () => {
  for (const file of files) {
    const text = readFileSync(join('src', file), 'utf8');
    if (!file.startsWith('transport/')) expect(text, file).not.toMatch(/'ssh2'/);
    if (!/^(report|cli)\//.test(file)) expect(text, file).not.toMatch(/console\.|process\.std(out|err)\b/);
  }
});

test('rooms are named for what they hold', () => {
  expect(files.filter(file => /(^|\/)(utils?|helpers?|common|misc|shared)(\/|\.ts$)/.test(file))).toEqual([]);
});

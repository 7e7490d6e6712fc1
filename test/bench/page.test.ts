import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { section, withGenerated } from '../../bench/page.ts';

test('what stands between the markers is replaced, and nothing else', () => {
  const page = 'Before.\n\n<!-- bench -->\n\nold\n\n<!-- /bench -->\n\nAfter.\n';
  const written = withGenerated(page, 'new');
  expect(written).toBe(page.replace('old', 'new'));
  expect(withGenerated(written, 'new')).toBe(written);
});

test('a page without both markers in their order is refused', () => {
  expect(() => withGenerated('<!-- bench -->\n', 'new')).toThrow('lacks');
  expect(() => withGenerated('<!-- /bench --><!-- bench -->', 'new')).toThrow('lacks');
});

test('docs/performance.md has them', () => {
  expect(withGenerated(readFileSync('docs/performance.md', 'utf8'), 'new figures')).toContain('new figures');
});

test('a case is a heading, its plot, what its commands take, and its table', () => {
  const rows = [{ tool: 'kplay', seconds: [1], load: [1] }];
  const text = section({ name: 'mixed-first', title: 'mixed.yml, first', rows, commandsSeconds: 0.0123 });
  expect(text).toMatch(/^### mixed\.yml, first\n\n!\[mixed\.yml, first\]\(performance\/mixed-first\.svg\)\n\n.* 0\.012 s .*\n\n\| tool /);
});

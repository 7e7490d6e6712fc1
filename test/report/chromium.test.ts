import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { htmlReport } from '../../src/report/html.ts';
import { feed } from './_events.ts';
import { eventfulRun } from './_run.ts';

const chromium = ['chromium', 'chromium-browser', 'google-chrome'].find(name => spawnSync(name, ['--version']).status === 0) ?? '';

/** Appended to a page: what a reader would see of it goes into its title. */
const LOOK = `<script>{
const box = element => element.getBoundingClientRect();
const top = text => box([...document.querySelectorAll('h2')].find(({ textContent }) => textContent.startsWith(text))).top;
const cells = [...document.querySelectorAll('table td')].filter(cell => box(cell).width * box(cell).height > 0).length;
document.title = JSON.stringify({
  order: [top('Failures'), top('Hosts and tasks'), top('Changes')],
  cells,
  overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  asked: performance.getEntriesByType('resource').length,
});
}</script>`;

test.runIf(chromium)('in a browser failures come first, every cell has a size, nothing sticks out and nothing is loaded', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'kplay-page-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const report = htmlReport(text => writeFileSync(join(dir, 'run.html'), text + LOOK));
  feed(report, eventfulRun());
  await report.close();
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--window-size=1280,900', `--user-data-dir=${dir}/profile`];
  const { stdout } = await promisify(execFile)(chromium, [...flags, '--dump-dom', join(dir, 'run.html')], { timeout: 120_000 });
  const title = /<title>(\{.*?\})<\/title>/.exec(stdout)?.[1]?.replaceAll('&quot;', '"');
  const { order, cells, overflow, asked } = JSON.parse(title ?? '{}') as {
    readonly order: readonly number[];
    readonly cells: number;
    readonly overflow: number;
    readonly asked: number;
  };
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(cells).toBeGreaterThan(40);
  expect([overflow, asked]).toEqual([0, 0]);
});

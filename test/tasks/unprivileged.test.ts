import { chmodSync, chownSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { copy } from '../../src/tasks/copy.ts';
import { file } from '../../src/tasks/file.ts';
import { lineinfile } from '../../src/tasks/lineinfile.ts';
import { slurp } from '../../src/tasks/slurp.ts';
import { stat } from '../../src/tasks/stat.ts';
import { converge, runOnce, type Shell, shells } from './_converge.ts';

const NOBODY = 65_534;
const AS = ['/usr/bin/setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
const unprivileged = shells.map((shell): Shell => ({ ...shell, argv: [...AS, ...shell.argv] }));
/** The shells' tools come from a folder that only root may enter. */
const open = (shell: Shell): Shell => {
  const [folder = ''] = shell.path.split(':');
  if (folder.startsWith(tmpdir())) chmodSync(folder, 0o755);
  return shell;
};

describe.runIf(process.getuid?.() === 0).for(unprivileged)('as nobody in $name', given => {
  const shell = open(given);
  const place = (mode: number) => {
    const dir = mkdtempSync(join(tmpdir(), 'kplay-'));
    chmodSync(dir, mode);
    writeFileSync(join(dir, 'secret'), 'x', { mode: 0o600 });
    return dir;
  };

  test('a file that may not be read is told of, not read', async () => {
    const path = join(place(0o755), 'secret');
    const { result } = await runOnce(stat, { path }, { shell });
    expect(result['stat']).toMatchObject({ exists: true, readable: false, writeable: false, size: 1 });
    expect(result['stat']).not.toHaveProperty('checksum');
    await expect(runOnce(slurp, { src: path }, { shell })).rejects.toMatchObject({
      code: 'E_PROBE',
      message: `file is not readable: ${path}`,
    });
    await expect(runOnce(lineinfile, { path, line: 'x' }, { shell })).rejects.toMatchObject({ code: 'E_PROBE' });
  });

  test('what lies in a closed folder is no absent file', async () => {
    const path = join(place(0o700), 'secret');
    await expect(runOnce(stat, { path }, { shell })).rejects.toMatchObject({ code: 'E_STATE', message: `Permission denied: ${path}` });
  });

  test('nothing is written where nothing may be', async () => {
    const dir = place(0o755);
    await expect(runOnce(copy, { dest: join(dir, 'secret'), content: 'y' }, { shell })).rejects.toMatchObject({
      message: `Destination ${dir} not writable`,
    });
    await expect(runOnce(file, { path: join(dir, 'secret'), mode: '0644' }, { shell })).rejects.toThrow(/chmod/);
    expect(readFileSync(join(dir, 'secret'), 'utf8')).toBe('x');
  });

  test("one's own files are one's own", async () => {
    const dir = place(0o777);
    const { first, second } = await converge(copy, { dest: join(dir, 'new'), content: 'y', mode: '0640' }, { shell });
    expect([first.result['uid'], second.changes]).toEqual([NOBODY, []]);
    await converge(lineinfile, { path: join(dir, 'new'), line: 'z' }, { shell });
    chownSync(join(dir, 'new'), 0, 0);
    chmodSync(join(dir, 'new'), 0o664);
    await converge(copy, { dest: join(dir, 'new'), content: 'theirs' }, { shell });
    expect([statSync(join(dir, 'new')).uid, statSync(join(dir, 'new')).mode & 0o777]).toEqual([NOBODY, 0o664]);
  });
});

import { afterAll, expect, test } from 'vitest';
import { cron } from '../../src/tasks/cron.ts';
import { execute, runOnce } from './_converge.ts';
import { labShell, SPARE_HOST } from './_lab.ts';

const shell = labShell(SPARE_HOST);
const on = (script: string): string => execute(shell, script).stdout.toString();
const run = async (args: object) => runOnce(cron, args, { shell });
const clean = (): string => on('crontab -r; crontab -u nobody -r; :');
afterAll(clean);

test.for([{}, { user: 'root' }, { user: 'nobody' }])("Debian's crontab of %o", async user => {
  clean();
  const list = `crontab ${user.user === undefined ? '' : `-u ${user.user}`} -l`;
  await run({ ...user, name: 'a', minute: '*/5', job: "echo 'it''s' 100\\%" });
  expect(on(list)).toBe("#Ansible: a\n*/5 * * * * echo 'it''s' 100\\%\n");
  expect((await run({ ...user, name: 'a', minute: '*/5', job: "echo 'it''s' 100\\%" })).changes).toEqual([]);
  await expect(run({ ...user, name: 'a', minute: 'never', job: 'x' })).rejects.toThrow(/bad minute|installed|errors/);
  await run({ ...user, name: 'a', state: 'absent' });
  expect(on(list)).toBe('');
  expect((await run({ ...user, name: 'a', state: 'absent' })).changes).toEqual([]);
});

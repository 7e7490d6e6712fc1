import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sh } from '../../src/shell/sh.ts';
import { programStep } from '../../src/tasks/program.ts';
import { connectBy, scratch, shells } from '../transport/_shells.ts';

describe.each(shells)("users' programs on $name", ({ argv }) => {
  test('run with a PATH of their own that has none of our programs', async () => {
    const dir = scratch();
    const connection = await connectBy(argv);
    const prelude = sh`PATH=/nowhere TMPDIR=${dir}; export PATH TMPDIR`;
    const { rc, stdout, stderr } = await connection.run({ script: `${prelude}\n${programStep('set -- /bin/echo hello').script}` });
    expect([rc, stdout.toString(), stderr.toString()]).toEqual([0, 'ran\nhello\n', '']);
    expect(readdirSync(dir)).toEqual([]);
    await connection.close();
  });

  test('may remove what they print to', async () => {
    const dir = scratch();
    const connection = await connectBy(argv);
    const program = programStep(sh`TMPDIR=${dir}; set -- /bin/sh -c ${sh`echo said; rm -rf ${dir}`}`);
    expect((await connection.run({ script: program.script })).stdout.toString()).toBe('ran\nsaid\n');
    await connection.close();
  });
});

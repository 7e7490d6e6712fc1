import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PYTHON } from '../../src/probes/facts/python.ts';
import { execute, shells } from '../tasks/_converge.ts';
import { scratch } from '../transport/_shells.ts';

const ASKED = PYTHON.slice(PYTHON.indexOf('for py in'));

describe.for(shells)('the Python of a host, in $name', shell => {
  /** A host with a python3 that says `version`, and all that a distribution's has but for `without`. */
  const told = (version: string, { without = '', first = '', here = false } = {}): string => {
    const root = scratch();
    const put = (path: string, text: string): void => {
      if (path === without) return;
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
      chmodSync(join(root, path), 0o755);
    };
    const python = `#!/bin/sh\ncase $1 in -V) printf 'Python ${version}\\n' ;; *) printf 'asked\\n' ;; esac\n`;
    put('usr/bin/python3.11', python);
    put('usr/lib/python3.11/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so', '');
    put('usr/lib/x86_64-linux-gnu/libssl.so.3', '');
    if (without === 'usr/bin/python3.11') put('usr/bin/python3', python);
    else symlinkSync('python3.11', join(root, 'usr/bin/python3'));
    if (first !== '') put(first, python);
    if (here) put('python3', python);
    const path = [...(first === '' ? [] : [join(root, dirname(first))]), ...(here ? [''] : []), join(root, 'usr/bin'), shell.path].join(
      ':',
    );
    const { stdout } = execute({ ...shell, path }, `cd ${root}; ${PYTHON.replaceAll('/usr/', `${root}/usr/`)}`);
    return stdout.toString().replaceAll(root, '');
  };

  test('a distribution’s own need not be started', () => {
    expect(told('3.11.2')).toBe('/usr/bin/python3\n3|11|2|final|0\ncpython\n1\n');
  });

  test.for([
    ['3.11.2rc1', {}],
    ['3.11.2+', {}],
    ['3.11.2 (1a2b3c, Jan 1 2025)\\n[PyPy 7.3.17]', {}],
    ['3.9.2', {}],
    ['3.11', {}],
    ['3.11.2', { first: 'opt/bin/python3' }],
    ['3.11.2', { here: true }],
    ['3.11.2', { without: 'usr/bin/python3.11' }],
    ['3.11.2', { without: 'usr/lib/python3.11/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so' }],
    ['3.11.2', { without: 'usr/lib/x86_64-linux-gnu/libssl.so.3' }],
  ] as const)('any other is asked: %s %j', ([version, other]) => {
    expect(told(version, other)).toBe('asked\n');
  });

  test.runIf(existsSync('/usr/bin/python3'))('this machine’s says the same either way', () => {
    const here = { ...shell, path: `/usr/bin:/bin:${shell.path}` };
    const [plain, asked] = [PYTHON, ASKED].map(script => execute(here, script).stdout.toString());
    expect(plain).toBe(asked);
    expect(execute(here, `${PYTHON.slice(0, -ASKED.length).replace(/ \|\| $/, '')}`).stdout.toString()).toBe(asked);
  });
});

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { look } from '../../src/engine/look.ts';
import type { ProbeKind } from '../../src/model/probe.ts';
import { content } from '../../src/probes/content.ts';
import { digests } from '../../src/probes/digest.ts';
import { flags, mime } from '../../src/probes/extras.ts';
import { glob } from '../../src/probes/glob.ts';
import { stat } from '../../src/probes/stat.ts';
import { execute, shells } from '../tasks/_converge.ts';
import { scratch } from '../transport/_shells.ts';

const kind = (secret: boolean): ProbeKind => ({
  name: 'file',
  sight: 'local',
  secret,
  script: () => 'true',
  parse: () => [],
});
/** What a look says of its answer when the program in it fails, and when the shell ends. */
const errors = (secret: boolean): unknown[] => {
  const probe = { kind: kind(secret), subject: 's' };
  const { script, read } = look([probe]);
  const [, mark = ''] = /(kplay:\w+:)/.exec(script) ?? [];
  const failed = read(Buffer.from(`PRIVATE\n${mark}1\n`)).get(probe);
  try {
    read(Buffer.from('PRIVATE\n'));
  } catch (ended) {
    return [failed, ended];
  }
  return [];
};

test.for([
  [false, ['PRIVATE', 'PRIVATE\n']],
  [true, [undefined, undefined]],
] as const)('an error tells what was printed, unless it is secret: %s', ([secret, details]) => {
  expect(errors(secret)).toEqual(details.map(detail => expect.objectContaining({ code: 'E_PROBE', detail })));
});

test('each look says how it ended, and exit ends no other', () => {
  const ending = (name: string, script: string): ProbeKind => ({
    name,
    sight: 'local',
    script: () => script,
    parse: stdout => [String(stdout)],
  });
  const kinds = [ending('ends', 'echo one; exit 0'), ending('fails', 'echo two; exit 3'), ending('prints', 'echo three')];
  for (const order of [kinds, kinds.toReversed(), [kinds[2]!, kinds[0]!, kinds[1]!]]) {
    const probes = order.flatMap(each => ['0', '1'].map(subject => ({ kind: each, subject })));
    const { script, read } = look(probes);
    const sights = read(execFileSync('/bin/sh', ['-c', script]));
    const first = (name: string): unknown => sights.get(probes.find(({ kind: { name: is }, subject }) => is === name && subject === '0')!);
    expect([first('ends'), first('prints')]).toEqual(['one\n', 'three\n']);
    expect(first('fails')).toMatchObject({ code: 'E_PROBE', message: 'looking at fails ended with status 3' });
  }
});

test('what is cut off is not taken for whole', async () => {
  const waits: ProbeKind = {
    name: 'waits',
    sight: 'local',
    script: () => 'echo some; read -r more <&3; echo rest',
    parse: stdout => [String(stdout)],
  };
  const { script, read } = look([{ kind: waits, subject: 's' }]);
  const shell = spawn('bash', ['--posix', '-c', `pid() { echo "$BASHPID" >&4; }; ${script.replace('echo some', 'pid; echo some')}`], {
    stdio: ['ignore', 'pipe', 'ignore', 'pipe', 'pipe'],
  });
  const printed = text(shell.stdout!);
  const [pid] = (await once(shell.stdio[4]!, 'data')) as [Buffer];
  process.kill(Number(pid.toString()));
  shell.stdio[3]!.destroy();
  const [seen] = read(Buffer.from(await printed)).values();
  expect(seen).toMatchObject({ message: 'looking at waits ended with status 143' });
});

test.for(shells)('kinds that share a shell see what each sees alone, in $name', shell => {
  const folder = scratch();
  for (const [name, text] of Object.entries({ plain: 'a\n', 'with blank': '', 'new\nline': 'b', $x: 'c' }))
    writeFileSync(join(folder, name), text);
  symlinkSync('plain', join(folder, 'link'));
  const subjects = ['plain', 'with blank', 'new\nline', '$x', 'link', 'none', '']
    .map(name => join(folder, name))
    .concat('$_p', '${c}', '~/$o');
  const kinds: readonly ProbeKind[] = [stat, digests.sha1, glob, content, flags, digests.sha256, mime];
  const sights = (of: readonly ProbeKind[]): readonly unknown[] => {
    const probes = of.flatMap(each => subjects.map(subject => ({ kind: each, subject })));
    const { script, read } = look(probes);
    const seen = read(execute(shell, script).stdout);
    return probes.map(probe => [probe.kind.name, seen.get(probe)]);
  };
  const alone = (of: readonly ProbeKind[]): readonly unknown[] => of.flatMap(each => sights([each]));
  // The first to read a file moves its time of access.
  sights(kinds);
  for (let turn = 0; turn < kinds.length; turn++) {
    const order = [...kinds.slice(turn), ...kinds.slice(0, turn)];
    expect(sights(order)).toEqual(alone(order));
    expect(sights(order.toReversed())).toEqual(alone(order.toReversed()));
  }
});

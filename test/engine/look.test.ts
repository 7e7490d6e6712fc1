import { expect, test } from 'vitest';
import { look } from '../../src/engine/look.ts';
import type { ProbeKind } from '../../src/model/probe.ts';

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
  const [, mark = ''] = /'(kplay:\w+:)'/.exec(script) ?? [];
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

import { describe, expect, test } from 'vitest';
import { type Answer, askAnsible, askKplay, type Case } from './_oracle.ts';
import { generated } from './_expressions.ts';
import { PLUGIN_CASES, PLUGIN_FILES } from './_plugin-cases.ts';
import { CASES, FILES, VARS } from './_oracle-cases.ts';

const bin = process.env['KPLAY_ORACLE'];
const SEED = Number(process.env['KPLAY_SEED'] ?? 2418);

/** A rejection is a rejection, whatever the words. */
const verdict = ([type, text]: Answer): string => (type === null ? 'rejected' : `${type} ${text}`);
const NOTHING: Answer = [null, 'no answer'];
const disagreements = (cases: readonly Case[], ansible: readonly Answer[], kplay: readonly Answer[]): string[] =>
  cases.flatMap(([mode, source], at) => {
    const [theirs, ours] = [ansible[at] ?? NOTHING, kplay[at] ?? NOTHING];
    if (verdict(theirs) === verdict(ours)) return [];
    // Inside a printed container an undefined shows its repr there; here it is an error, as it is everywhere else.
    if (theirs[1].includes('AnsibleUndefined(') && ours[1].startsWith('E_UNDEFINED')) return [];
    return [`${mode} ${source}\n  ansible: ${theirs.join(' ')}\n  kplay:   ${ours.join(' ')}`];
  });

describe('beside ansible-core', () => {
  test.runIf(bin !== undefined)('the same answer to every case', () => {
    const ansible = askAnsible(bin ?? '', VARS, FILES, CASES);
    expect(disagreements(CASES, ansible, askKplay(VARS, FILES, CASES)).join('\n')).toBe('');
  });

  test.runIf(bin !== undefined)('the same answer from filters, tests and lookups', () => {
    const files = { ...FILES, ...PLUGIN_FILES };
    const ansible = askAnsible(bin ?? '', VARS, files, PLUGIN_CASES);
    expect(disagreements(PLUGIN_CASES, ansible, askKplay(VARS, files, PLUGIN_CASES)).join('\n')).toBe('');
  });

  test.runIf(bin !== undefined)('the same answer to generated expressions', () => {
    const cases = generated(1000, SEED);
    const ansible = askAnsible(bin ?? '', VARS, FILES, cases);
    expect(disagreements(cases, ansible, askKplay(VARS, FILES, cases)).join('\n')).toBe('');
  });
});

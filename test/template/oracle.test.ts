import { describe, expect, test } from 'vitest';
import { type Answer, askAnsible, askKplay, type Case, type Mode } from './_oracle.ts';
import { RECORDED, RECORDED_FILES, RECORDED_VARS } from './_recorded.ts';
import { scopeOf, templar } from './_templar.ts';
import { generated } from './_expressions.ts';
import { PLUGIN_CASES, PLUGIN_FILES } from './_plugin-cases.ts';
import type { SemanticsVersion } from '../../src/model/semantics.ts';
import { SEMANTICS_CASES } from './_semantics-cases.ts';
import { CASES, FILES, VARS } from './_oracle-cases.ts';

const SEED = Number(process.env['KPLAY_SEED'] ?? 2418);
interface Oracle {
  readonly semantics: SemanticsVersion;
  readonly bin: string | undefined;
  /** Answers that differ (docs/ansible-differences.md says why). */
  readonly known: readonly RegExp[];
}
const ORACLES: readonly Oracle[] = [
  { semantics: '2.18', bin: process.env['KPLAY_ORACLE'], known: [/AnsibleUndefined\(.*\n  kplay: .*E_UNDEFINED/] },
  {
    semantics: '2.19',
    bin: process.env['KPLAY_ORACLE_219'],
    known: [/^w \{[{%].*[%}]\}\n/, /from_json %\}ok\n/, /^(?=.*\bnone\b).*ansible\.utils\./],
  },
];

/** A rejection is a rejection, whatever the words. */
const verdict = ([type, text]: Answer): string => (type === null ? 'rejected' : `${type} ${text}`);
const NOTHING: Answer = [null, 'no answer'];
const disagreements = (cases: readonly Case[], ansible: readonly Answer[], kplay: readonly Answer[]): string[] =>
  cases.flatMap(([mode, source], at) => {
    const [theirs, ours] = [ansible[at] ?? NOTHING, kplay[at] ?? NOTHING];
    if (verdict(theirs) === verdict(ours)) return [];
    return [`${mode} ${source}\n  ansible: ${theirs.join(' ')}\n  kplay:   ${ours.join(' ')}`];
  });

/** Prints where in memory a method is. */
const UNREPEATABLE = /items'?\] \| default\('noitems'\)/;

describe.each(ORACLES)('beside ansible-core $semantics', ({ semantics, bin, known }) => {
  const stale = new Set(known);
  const compared = (files: Readonly<Record<string, string>>, cases: readonly Case[], vars = VARS): string => {
    const found = disagreements(cases, askAnsible(bin ?? '', vars, files, cases), askKplay(vars, files, cases, semantics));
    console.log(`ansible-core ${semantics}: ${cases.length - found.length} of ${cases.length} answers agree`);
    expect(found.length).toBeLessThanOrEqual(Math.ceil(cases.length / 100));
    const meant = (text: string): readonly RegExp[] => known.filter(pattern => pattern.test(text));
    for (const pattern of found.flatMap(meant)) stale.delete(pattern);
    return found.filter(text => meant(text).length === 0).join('\n');
  };

  test.runIf(bin !== undefined)('the same answer to every case', () => {
    expect(compared(FILES, CASES)).toBe('');
  });

  test.runIf(bin !== undefined)('the same answer to every recorded case', () => {
    const vars = String(templar().resolve('{{ recorded | to_json }}', scopeOf(new Map([['recorded', RECORDED_VARS]]), templar())));
    const cases = RECORDED.map((item): Case => [item.get('mode') as Mode, String(item.get('src'))]).filter(
      ([, source]) => !UNREPEATABLE.test(source),
    );
    expect(compared(RECORDED_FILES, cases, vars)).toBe('');
  });

  test.runIf(bin !== undefined)('the same answer to what the two semantics evaluate differently', () => {
    expect(compared(FILES, SEMANTICS_CASES)).toBe('');
  });

  test.runIf(bin !== undefined)('the same answer from filters, tests and lookups', () => {
    expect(compared({ ...FILES, ...PLUGIN_FILES }, PLUGIN_CASES)).toBe('');
  });

  test.runIf(bin !== undefined)('the same answer to generated expressions', () => {
    expect(compared(FILES, generated(1000, SEED))).toBe('');
  });

  test.runIf(bin !== undefined)('what is known to differ still does', () => {
    expect([...stale]).toEqual([]);
  });
});

import type { Value } from '../value/value.ts';
import type { Build, Site } from './build.ts';
import { asText, Fields, holdsTemplate, spelled } from './fields.ts';
import { checkKeywords } from './inherit.ts';
import { taskList } from './tasks.ts';
import type { Located, Rolling } from './types.ts';

const whole = (least: number) => (text: string) => /^\d+$/.test(text) && Number(text) >= least;
const share = (text: string): boolean => /^\d+(?:\.\d+)?%$/.test(text) && Number.parseFloat(text) > 0 && Number.parseFloat(text) <= 100;

/** Keywords of one value each: what a literal must look like, and how that is called. */
type Single = 'canary' | 'batch' | 'maxUnavailable' | 'soak';
const VALUES: Readonly<Record<string, readonly [property: Single, fits: (text: string) => boolean, wanted: string]>> = {
  canary: ['canary', text => whole(0)(text) || share(text), 'a number of hosts, or a percentage of all'],
  batch: ['batch', text => whole(1)(text) || share(text), 'a number of hosts from 1 on, or a percentage of all'],
  max_unavailable: ['maxUnavailable', text => whole(1)(text) || share(text), 'a number of hosts from 1 on, or a percentage of all'],
  soak: ['soak', text => /^\d+(?:\.\d+)?$/.test(text), 'a number of seconds'],
};

/** Keywords of the play that `rolling` takes the place of. */
const REPLACED = ['serial', 'max_fail_percentage'];

/** The play keyword `rolling:`, kplay's own. */
export const rollingOf = (play: Fields, site: Site): Rolling | undefined => {
  const { findings } = site.build;
  const node = play.get('rolling');
  if (!node || node.value === null) return undefined;
  for (const keyword of REPLACED.filter(name => play.has(name)))
    findings.error(
      'E_SYNTAX',
      play.keyAt(keyword),
      `'${keyword}' and 'rolling' exclude each other`,
      `rolling says it all: leave '${keyword}' out`,
    );
  if (node.kind !== 'mapping')
    return void findings.error('E_SYNTAX', node.at, "'rolling' must be a mapping", 'rolling: {canary: 1, batch: 25%, gate: [ … ]}');
  const fields = new Fields(node);
  checkKeywords(fields, 'Rolling', findings);
  const gate = taskList(fields.get('gate'), 'gate', site);
  if (fields.has('soak') && gate.length === 0)
    findings.error('E_SYNTAX', fields.keyAt('soak'), "'soak' without 'gate': there is nothing that could still hold after it");
  const unavailable = listOf(fields, site.build);
  return {
    at: node.at,
    ...valuesOf(fields, site.build),
    ...(unavailable && { unavailable }),
    gate,
    rollback: taskList(fields.get('rollback'), 'rollback', site),
  };
};

const isScalar = (value: Value): boolean => !(value instanceof Map || Array.isArray(value));

const valuesOf = (fields: Fields, { findings }: Build): Partial<Pick<Rolling, Single>> => {
  const found: Partial<Record<Single, Located>> = {};
  for (const [keyword, [property, fits, wanted]] of Object.entries(VALUES)) {
    const given = fields.located(keyword);
    if (!given) continue;
    found[property] = given;
    if (holdsTemplate(given.value) || (isScalar(given.value) && fits(spelled(given.value).trim()))) continue;
    findings.error('E_SYNTAX', given.at, `'${keyword}' must be ${wanted}`);
  }
  return found;
};

const listOf = (fields: Fields, { findings }: Build): Located | undefined => {
  const given = fields.located('unavailable');
  const isList = Array.isArray(given?.value) && given.value.every(item => asText(item) !== undefined);
  if (given && !isList && !holdsTemplate(given.value))
    findings.error('E_SYNTAX', given.at, "'unavailable' must be a list of host names, or a template that gives one");
  return given;
};

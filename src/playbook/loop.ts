import { Fields, asText, isTemplate, isTrue, located, locatedList } from './fields.ts';
import type { Findings } from './findings.ts';
import { LOOP_STYLES } from './keywords.ts';
import { didYouMean } from '../model/nearest.ts';
import { checkKeywords } from './inherit.ts';
import type { Located, Loop } from './types.ts';

/** `loop`, or one of `with_*`, and `loop_control`. */
export const loopOf = (fields: Fields, findings: Findings): Loop | undefined => {
  const control = controlOf(fields, findings);
  const items = itemsOf(fields, findings);
  return items && { ...control, ...items };
};

const itemsOf = (fields: Fields, findings: Findings): { readonly items: Located; readonly style: string } | undefined => {
  const found: { readonly items: Located; readonly style: string }[] = [];
  for (const name of fields.names()) {
    const node = fields.get(name);
    const style = name === 'loop' ? name : name.startsWith('with_') ? name.slice('with_'.length) : undefined;
    if (!node || style === undefined) continue;
    if (style !== 'loop' && !LOOP_STYLES.includes(style) && !style.includes('.')) {
      const hint = didYouMean(name, ['loop', ...LOOP_STYLES.map(known => `with_${known}`)]);
      findings.error('E_SYNTAX', fields.keyAt(name), `'${name}' is not a valid attribute for a Task`, hint);
    } else if (node.value !== null) found.push({ items: located(node), style: style.slice(style.lastIndexOf('.') + 1) });
    else if (style !== 'loop') findings.error('E_SYNTAX', fields.keyAt(name), `you must specify a value when using ${name}`);
  }
  const [first, second] = found;
  if (second) findings.error('E_SYNTAX', second.items.at, `duplicate loop in task: ${second.style}`);
  return first;
};

const controlOf = (fields: Fields, findings: Findings): Omit<Loop, 'items' | 'style'> => {
  const node = fields.get('loop_control');
  if (node && node.kind !== 'mapping' && node.value !== null) {
    const message =
      'the `loop_control` value must be specified as a dictionary and cannot be a variable itself (though it can contain variables)';
    findings.error('E_SYNTAX', node.at, message);
  }
  if (node?.kind !== 'mapping') return { loopVar: 'item', extended: false, allItems: true };
  const control = new Fields(node);
  checkKeywords(control, 'LoopControl', findings);
  const [indexVar, label, pause] = [control.text('index_var'), control.located('label'), control.located('pause')];
  const breakWhen = locatedList(control.get('break_when'));
  return {
    loopVar: asText(control.get('loop_var')?.value) ?? 'item',
    ...(indexVar ? { indexVar: indexVar.value } : {}),
    ...(label ? { label } : {}),
    ...(pause ? { pause } : {}),
    extended: isExtended(control),
    allItems: isTrue(control.get('extended_allitems')?.value, true),
    ...(breakWhen.length > 0 ? { breakWhen } : {}),
  };
};
/** A template counts as yes: what `extended` adds to the variables nobody has to look at. */
const isExtended = (control: Fields): boolean => isTrue(control.get('extended')?.value, isTemplate(control.get('extended')?.value));

import { isText, textOf, truth } from '../value/kinds.ts';
import type { Named } from '../value/call.ts';
import { update } from '../value/container-methods.ts';
import { DateTime, strftime } from '../value/datetime.ts';
import { OMIT } from '../value/omit.ts';
import { str } from '../value/repr.ts';
import { type Dict, Undefined, type Value } from '../value/value.ts';
import { lookup } from './lookups/index.ts';
import { Callable, Cycler, Namespace, range } from './objects.ts';
import type { Run } from './run.ts';

type Global = (args: readonly Value[], named: Named, run: Run) => Value;

const dictOf: Global = (args, named) => {
  const dict: Dict = new Map();
  update(dict, args, named);
  return dict;
};
const namespace: Global = (args, named, run) => {
  const dict = dictOf(args, named, run) as Dict;
  return new Namespace(new Map([...dict].map(([key, value]) => [str(key), value])));
};
const joiner: Global = ([separator = ', ']) => {
  let used = false;
  return new Callable('joiner', () => {
    if (used) return separator;
    used = true;
    return '';
  });
};
const now: Global = (args, named, run) => {
  run.impure('now()');
  const instant = run.host.now();
  const utc = truth(args[0] ?? named.get('utc') ?? false);
  const time = utc ? new DateTime(instant) : DateTime.local(instant);
  const format = args[1] ?? named.get('fmt') ?? null;
  return isText(format) && truth(format) ? strftime(textOf(format), time) : time;
};
const query: Global = ([name = null, ...terms], named, run) => lookup(str(name), terms, new Map([...named, ['wantlist', true]]), run);

const globals: ReadonlyMap<string, Global> = new Map<string, Global>([
  ['range', range],
  ['dict', dictOf],
  ['namespace', namespace],
  ['cycler', args => new Cycler(args)],
  ['joiner', joiner],
  ['lipsum', () => ''],
  ['now', now],
  ['undef', ([hint], named) => new Undefined(str(hint ?? named.get('hint') ?? 'Mandatory variable has not been overridden'))],
  ['lookup', ([name = null, ...terms], named, run) => lookup(str(name), terms, named, run)],
  ['query', query],
  ['q', query],
]);

export const isGlobal = (name: string): boolean => globals.has(name) || name === 'omit';

/** What templates can call without anyone having defined it; variables of the same name come first. */
export const makeGlobal = (name: string, run: Run): Value | undefined => {
  if (run.native && name === 'omit') return OMIT;
  const global = globals.get(name);
  return global && new Callable(name, (args, named) => global(args, named, run));
};

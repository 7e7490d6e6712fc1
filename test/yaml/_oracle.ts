import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Plain } from '../../src/model/module.ts';
import { Unsafe } from '../../src/value/unsafe.ts';
import { Float, Tuple } from '../../src/value/value.ts';
import type { Value } from '../../src/value/value.ts';

/** `bin` of a Python environment with ansible-core 2.18; without it the comparisons are skipped. */
export const oracleBin = process.env['KPLAY_ORACLE'];

/** Runs a Python program in the oracle's environment: JSON in, JSON out. */
export const askOracle = (program: string, question: Plain): Plain => {
  if (oracleBin === undefined) throw new Error('KPLAY_ORACLE is not set');
  const done = spawnSync(join(oracleBin, 'python3'), ['-c', program], {
    input: JSON.stringify(question),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(done.stderr);
  return JSON.parse(done.stdout) as Plain;
};

/** The bits of a float, so that no printing is compared. */
const hex = (value: number): string => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString('hex');
};

/** A value with Python's types spelled out, so that 1, 1.0, true and "1" stay apart in JSON. */
export const typed = (value: Value): Plain => {
  if (value === null) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return { bool: value };
  if (typeof value === 'number' || typeof value === 'bigint') return { int: String(value) };
  if (value instanceof Float) return { float: Number.isFinite(value.value) ? hex(value.value) : String(value.value) };
  if (value instanceof Unsafe) return { unsafe: value.text };
  if (value instanceof Tuple) return { tuple: value.map(typed) };
  if (Array.isArray(value)) return value.map(typed);
  if (value instanceof Map) return { dict: [...value].map(([key, item]) => [typed(key), typed(item)]) };
  throw new Error(`no spelling for ${String(value)}`);
};
/** The same in Python. */
export const TYPED_PY = `
import datetime, math, struct
def number(f):
    if math.isnan(f): return 'NaN'
    if math.isinf(f): return 'Infinity' if f > 0 else '-Infinity'
    return struct.pack('>d', f).hex()
def typed(v):
    if v is None: return None
    if isinstance(v, bool): return {'bool': v}
    if isinstance(v, int): return {'int': str(int(v))}
    if isinstance(v, float): return {'float': number(v)}
    if isinstance(v, str):
        return {'unsafe': str(v)} if getattr(v, '__UNSAFE__', False) and ('{{' in v or '{%' in v or '{#' in v) else str(v)
    if isinstance(v, (datetime.date, datetime.datetime)): return str(v)
    if isinstance(v, list): return [typed(i) for i in v]
    if isinstance(v, tuple): return {'tuple': [typed(i) for i in v]}
    if isinstance(v, dict): return {'dict': [[typed(k), typed(i)] for k, i in v.items()]}
    return {'other': type(v).__name__}
`;

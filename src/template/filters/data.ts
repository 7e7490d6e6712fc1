import { createHash } from 'node:crypto';
import { integerArgument } from '../../value/call.ts';
import { defined, evaluationError } from '../../value/errors.ts';
import { fromJson, type JsonLayout, toJson } from '../../value/json.ts';
import { isSequence, isText, MarkedText, textOf, truth } from '../../value/kinds.ts';
import { repr, str } from '../../value/repr.ts';
import type { Value } from '../../value/value.ts';
import { prettyPrint } from '../pretty-print.ts';
import { toYaml, type YamlLayout } from '../yaml-emitter.ts';
import type { Filter } from '../run.ts';
import { type Filters, takes } from './define.ts';

type Given = ReadonlyMap<string, Value>;
const indentOf = (value: Value | undefined): number | string | undefined => {
  if (value === undefined || value === null) return undefined;
  return isText(value) ? textOf(value) : integerArgument(value, 0);
};
const separatorsOf = (value: Value | undefined): Pick<JsonLayout, 'separators'> => {
  if (!isSequence(value)) return {};
  const [item = ', ', key = ': '] = value.map(str);
  return { separators: [item, key] };
};
const jsonLayout = (named: Given): JsonLayout => ({
  indent: indentOf(named.get('indent')),
  sortKeys: truth(named.get('sort_keys') ?? false),
  ascii: truth(named.get('ensure_ascii') ?? true),
  ...separatorsOf(named.get('separators')),
});

const toNiceJson: Filter = (input, [indent, sort], named) => {
  const layout = jsonLayout(named);
  return new MarkedText(
    toJson(input, {
      ...layout,
      indent: indentOf(indent ?? named.get('indent') ?? 4),
      sortKeys: truth(sort ?? named.get('sort_keys') ?? true),
      separators: [',', ': '],
    }),
  );
};
/** Jinja's own: safe inside HTML. */
const toHtmlJson: Filter = (input, [indent], named) =>
  toJson(input, { indent: indentOf(indent ?? named.get('indent')), sortKeys: true }).replace(
    /[<>&']/g,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const yamlLayout = (named: Given): Omit<YamlLayout, 'indent' | 'flow'> => ({
  width: integerArgument(named.get('width'), 80),
  sortKeys: truth(named.get('sort_keys') ?? true),
  explicitStart: truth(named.get('explicit_start') ?? false),
  explicitEnd: truth(named.get('explicit_end') ?? false),
});
const flowStyle = (value: Value | undefined, otherwise: YamlLayout['flow']): YamlLayout['flow'] => {
  if (value === undefined) return otherwise;
  if (value === null) return 'leaves';
  return truth(value) ? 'all' : 'none';
};

const textual = (input: Value): string => {
  const value = defined(input);
  if (!isText(value)) throw evaluationError(`the JSON object must be str, bytes or bytearray, not ${str(value)}`);
  return textOf(value);
};

const ENCODINGS: Readonly<Record<string, BufferEncoding>> = {
  'utf-8': 'utf8',
  utf8: 'utf8',
  ascii: 'latin1',
  'latin-1': 'latin1',
  'utf-16-le': 'utf16le',
  'utf-16le': 'utf16le',
};
const encoding = (name: Value | undefined): BufferEncoding => {
  const wanted = name === undefined ? 'utf-8' : str(name).toLowerCase();
  const known = ENCODINGS[wanted];
  if (known === undefined) throw evaluationError(`unknown encoding: ${wanted}`);
  return known;
};

/** Python skips what is no digit, but wants the digits to be whole bytes. */
const padded = (text: string): string => {
  const [, digits = '', padding = ''] = /^([A-Za-z\d+/]*)(=*)/.exec(text.replace(/[^A-Za-z\d+/=]/g, '')) ?? [];
  const missing = (4 - (digits.length % 4)) % 4;
  if (missing === 3 || padding.length < missing) throw evaluationError('Incorrect padding');
  return digits;
};

const HASHES = [
  'md5',
  'sha1',
  'sha224',
  'sha256',
  'sha384',
  'sha512',
  'sha3-224',
  'sha3-256',
  'sha3-384',
  'sha3-512',
  'blake2b512',
  'blake2s256',
];
const hash = (text: string, kind: string): string => {
  const name = kind
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/^blake2b$/, 'blake2b512')
    .replace(/^blake2s$/, 'blake2s256');
  if (!HASHES.includes(name)) throw evaluationError(`unsupported hash type ${kind}`);
  return createHash(name).update(text).digest('hex');
};

const UUID_NAMESPACE = '361E6D51-FAEC-444A-9079-341386DA8E2E';
/** RFC 9562 version 5. */
const uuid5 = (text: string, namespace: string): string => {
  const space = namespace.replaceAll('-', '');
  if (!/^[\da-fA-F]{32}$/.test(space))
    throw evaluationError(`Invalid value '${namespace}' for 'namespace': badly formed hexadecimal UUID string`);
  const bytes = createHash('sha1').update(Buffer.from(space, 'hex')).update(text).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

export const dataFilters: Filters = {
  to_json: (input, args, named) => {
    if (args.length > 0) throw evaluationError(`dumps() takes 1 positional argument but ${args.length + 1} were given`);
    return new MarkedText(toJson(input, jsonLayout(named)));
  },
  to_nice_json: toNiceJson,
  tojson: toHtmlJson,
  // What Ansible 2.19 makes of containers Python's pprint does not know.
  pprint: takes([], (input, _, { native }) => (native && !isText(input) ? repr(input) : prettyPrint(input))),
  from_json: takes([], input => fromJson(textual(input))),
  to_yaml: (input, _, named) =>
    new MarkedText(
      toYaml(input, {
        ...yamlLayout(named),
        indent: integerArgument(named.get('indent'), 2),
        flow: flowStyle(named.get('default_flow_style'), 'leaves'),
      }),
    ),
  to_nice_yaml: (input, [indent], named) =>
    new MarkedText(toYaml(input, { ...yamlLayout(named), indent: integerArgument(indent ?? named.get('indent'), 4), flow: 'none' })),
  from_yaml: takes([], (input, _, run) => {
    const value = defined(input);
    return isText(value) ? run.host.parseYaml(textOf(value)) : value;
  }),
  from_yaml_all: takes([], (input, _, run) => {
    const value = defined(input);
    return isText(value) ? [...run.host.parseYamlAll(textOf(value))] : value;
  }),
  b64encode: takes(['encoding'], (input, [name]) => Buffer.from(str(input), encoding(name)).toString('base64')),
  b64decode: takes(['encoding'], (input, [name]) => Buffer.from(padded(str(input)), 'base64').toString(encoding(name))),
  hash: takes(['hashtype'], (input, [kind = 'sha1']) => hash(str(input), str(kind))),
  md5: takes([], input => hash(str(input), 'md5')),
  sha1: takes([], input => hash(str(input), 'sha1')),
  checksum: takes([], input => hash(str(input), 'sha1')),
  to_uuid: takes(['namespace'], (input, [namespace = UUID_NAMESPACE]) => uuid5(str(input), str(namespace))),
};

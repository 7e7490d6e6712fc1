import type { Case } from '../inventory/_cases.ts';

/** Command lines of ansible-inventory; `play` is the playbook's folder. */
export const COMMANDS: readonly string[] = [
  '--list',
  '--list --yaml',
  '--list --export',
  '--list --export -y',
  '--list --playbook-dir play',
  '--list --playbook-dir play --export',
  '--list -l web',
  '--list -l web --yaml',
  '--list -l none',
  '--list -y -l none',
  '--list -e x=1 -e {"y":[1,2]}',
  '--list -e x=1 --export',
  '--list --yaml -e {"y":[1,2]}',
  '--graph',
  '--graph --vars',
  '--graph --vars --playbook-dir play',
  '--graph --vars --export',
  '--graph --vars -e x=1',
  '--graph -l web',
  '--graph web',
  '--graph top --vars',
  '--graph none',
  '--graph --yaml',
  '--host a',
  '--host a --yaml',
  '--host a --export',
  '--host a --export -y',
  '--host a -e x=1',
  '--host a -l b',
  '--host a --vars',
  '--host a --playbook-dir play',
  '--host ~^a$',
  '--host web',
  '--host none',
  '--list web',
  '',
];

export const WITH_FILES: Readonly<Record<string, Case>> = {
  'inventory, group_vars and host_vars': {
    files: {
      'inv/hosts':
        'lone\n[web]\na n=1 l=[1,2]\nb\n[db]\nb o={"k":[1,{"m":None}],"e":{}}\nc\n[top:children]\nweb\ndb\n[web:vars]\nshared=[1,[2]]\nansible_group_priority=7\n[empty]\n',
      'inv/more.yml': 'top: {vars: {anchor: &x {k: [1]}, again: *x, nothing: null, float: 1.0, flag: yes}}\n',
      'inv/group_vars/all.yml': 'all_list: [a, b]\nempty: []\ntext: |\n  two\n  lines\nlong: "' + 'word '.repeat(40) + '"\n',
      'inv/group_vars/web/1.yml': 'one: {two: {three: [{four: 5, six: [7]}]}}\nmarked: !unsafe "{{ x }}"\n',
      'inv/group_vars/web/2.json': '{"json": [1.0, true, null, "ü ☃ 😀"]}',
      'inv/host_vars/a.yaml': 'quoted: "it\'s: #1"\nnumber_text: "1"\nbool_text: "yes"\nempty_text: ""\ntemplate: "{{ n }}"\n',
      'play/group_vars/web.yml': 'one: play\nfrom_play: [1]\n',
      'play/host_vars/b': 'b_play: 1\n',
      'group_vars/all.yml': 'never: seen\n',
    },
    sources: ['inv'],
  },
  'what is encrypted': {
    files: {
      hosts: '[web]\na\nb\n',
      'group_vars/web.yml':
        'secret: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162636465666768\n  3132\nlist:\n  - !vault |\n    $ANSIBLE_VAULT;1.2;AES256;dev\n    61\n  - plain\n',
    },
    sources: ['hosts'],
  },
  'keys of several types': {
    files: { hosts: 'a\n', 'host_vars/a.yml': 'x: {1: a, b: c, null: d}\ny: {2: a, 10: b}\n' },
    sources: ['hosts'],
  },
  nothing: { files: { hosts: '' }, sources: ['hosts'] },
};

const script = (list: string, host = ''): string =>
  `#!/bin/sh\n[ "$1" = --list ] && cat <<'EOF' || ${host === '' ? ':' : host}\n${list}\nEOF\n`;

export const SCRIPTS: Readonly<Record<string, Case>> = {
  'with _meta': {
    files: {
      s: script(
        '{"web":{"hosts":["a","b"],"vars":{"x":1.0,"z":{"k":[1]}},"children":["sub"]},"solo":{"k":"v"},"l":["c","c"],"e":{},"_meta":{"hostvars":{"a":{"h":"{{ x }}","u":{"__ansible_unsafe":"{{ q }}"},"v":{"__ansible_vault":"$ANSIBLE_VAULT;1.1;AES256\\n61\\n"}},"zz":{"n":1}}}}',
      ),
    },
    sources: ['s'],
  },
  'asked for each host': { files: { s: script('{"web":["a","b"]}', `echo "{\\"name\\": \\"$2\\", \\"n\\": 1e3}"`) }, sources: ['s'] },
  '_meta without hostvars': { files: { s: script('{"web":["a"],"_meta":{}}', `echo '{"x": 1}'`) }, sources: ['s'] },
  'hosts are no ranges here': { files: { s: script('{"web":["h[1:3]","y:22"],"_meta":{"hostvars":{}}}') }, sources: ['s'] },
  'nothing but a list of nothing': { files: { s: script('{}') }, sources: ['s'] },
  'a mixed folder': {
    files: {
      'inv/10-script.sh': script('{"web":{"hosts":["a"],"vars":{"x":"script"}},"_meta":{"hostvars":{"a":{"y":1}}}}'),
      'inv/05-first.yml': 'web: {hosts: {z: }, vars: {x: yaml, w: 1}}\n',
      'inv/20-ini': '[web]\na y=2\n[web:vars]\nw=2\n',
      'inv/ignored.ini': '[no]\nno\n',
      'inv/script.py~': script('{"no":["no"]}'),
      'inv/group_vars/web/vars.yml': 'v: 1\n',
      'inv/host_vars/a.json': '{"hv": [1]}',
    },
    sources: ['inv', 'x,y:23,'],
  },
  'the later source wins': {
    files: { one: '[g]\na x=1\n', two: script('{"g":{"hosts":["a"],"vars":{"y":2}},"_meta":{"hostvars":{"a":{"x":2}}}}') },
    sources: ['one', 'two', 'a,b'],
  },
};

const constructed = (options: string, hosts = HOSTS): Case => ({
  files: { 'inv/1-hosts': hosts, 'inv/2-made.yml': `plugin: constructed\n${options}`, 'group_vars/web.yml': 'late: 1\n' },
  sources: ['inv'],
});
const HOSTS =
  '[web]\nweb1 os=Debian ports=[80,443] tags={"env":"prod","tier":""}\nweb2 os=Red-Hat ports=[] tags={}\n[db]\ndb1 os="" n=3\n[web:vars]\nbase=10\nt="{{ base }}0"\n';

export const CONSTRUCTED: Readonly<Record<string, Case>> = {
  compose: constructed(
    'compose:\n  sum: base + 1\n  up: os | upper\n  who: inventory_hostname\n  text: "\'{{ 1 }}\'"\n  through: t\n  l: "[1, 2.0, None]"\n',
  ),
  'compose sees what it made only afterwards': constructed('compose: {a: 1 + 1, b: a + 1}\ngroups: {two: a == 2}\n'),
  groups: constructed(
    'groups:\n  webs: inventory_hostname.startswith("web")\n  "odd-name": true\n  missing: nothing.here\n  of_group: "\'web\' in group_names"\n  number: n\n',
  ),
  'keyed groups': constructed(
    'keyed_groups:\n  - {key: os, prefix: os}\n  - {key: ports, prefix: port}\n  - {key: tags, prefix: tag}\n  - {key: os}\n  - {key: os, separator: ""}\n  - {key: os, prefix: a, separator: "-"}\n',
  ),
  'keyed groups with defaults and parents': constructed(
    'keyed_groups:\n  - {key: os, prefix: os, default_value: none, parent_group: all_os}\n  - {key: tags, default_value: nil}\n  - {key: tags, prefix: t, trailing_separator: false}\n  - {key: os, parent_group: "{{ os }}_parent"}\n',
  ),
  'no leading separator': constructed('leading_separator: false\nkeyed_groups: [{key: os}, {key: os, prefix: p}, {key: tags}]\n'),
  'the full name': {
    ...constructed(''),
    files: { 'inv/1': 'a x=1\n', 'inv/2.yaml': 'plugin: ansible.builtin.constructed\ngroups: {g: x}\n' },
  },
  strict: constructed(
    'strict: true\ncompose: {y: x + 1}\ngroups: {big: x > 1}\nkeyed_groups: [{key: x|string, prefix: n}]\n',
    'a x=1\nb x=2\n',
  ),
};

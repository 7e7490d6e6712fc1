/** One inventory: files by path, and what `-i` names. */
export interface Case {
  readonly files: Readonly<Record<string, string>>;
  readonly sources: readonly string[];
}
const one = (text: string, name = 'hosts'): Case => ({ files: { [name]: text }, sources: [name] });
const yaml = (text: string): Case => one(text, 'hosts.yml');
const list = (hosts: string): Case => ({ files: {}, sources: [hosts] });

/** Inventories that Ansible takes. */
export const GOOD: Readonly<Record<string, Case>> = {
  'hosts without a group': one('a\nb\n\n# no\n; no\nc # yes\n'),
  'two groups, one host in both': one('[web]\na\nb\n[db]\nb\nc\n'),
  'host variables': one(`[g]\na x=1 y='two words' z="3" t=True l=[1,2] d={'k':'v'} f=1.50 o=0644 e= n=None q='"1"'\n`),
  'a comment inside a word': one('[g]\na j=foo#bar k=2\nb m="x # y" n=\'#\'\n'),
  backslashes: one('a p=C:\\\\dir q="a\\"b" r=\'a\\b\' s="a\\b"\n'),
  'equals signs in values': one('a x=b=c y="d=e"\n[g]\na\n[g:vars]\nx=b=c=d\n'),
  'literals of group variables': one(
    '[g]\na\n[g:vars]\nvb=1\nt=True\nl=[1, 2]\nyes=yes\ntrue=true\noct=0644\nq="1"\nhash=foo#bar\ncomment=1 # one\ntext=a # b\ntuple=1,2\nnone=None\nempty=\nspaces = a b \ndict={"a": {"b": [1]}}\nfloat=1e3\nhex=0x1F\nneg=-5\nip=10.0.0.1\nstr=\'a\' "b"\nbig=123456789012345678901234567890\n',
  ),
  'children before and after': one('[a:children]\nb\nc\n[b]\nh1\n[c:children]\nd\n[d]\nh2\n[top:children]\na\n'),
  'a group of hosts and children': one('[a]\nh0\n[a:children]\nb\n[b]\nh1 # c\n[b:vars] # comment\nx=1\n'),
  'group variables before the group': one('[g:vars]\nx=1\n[g]\na\n'),
  'numeric ranges': one('[g]\nw[01:03]\nv[1:10:3].example.com\n[c]\nx[a:c]-[1:2]\ny[8:11]\nz[A:C:2]\n'),
  ports: one('a:22\nb.example.com:2222 x=1\n[g]\nc[1:2]:23\n10.0.0.1:24\n[::1]:25\n[fe80::1]:26\n'),
  'IPv6 addresses': one('::1\nfe80::1\n2001:db8::[1:3]\n2001:db8:0:0:0:0:0:1 x=1\n'),
  'a port for a host already there': one('a\na:22\n'),
  'variables override, last wins': one('a x=1\n[g]\na x=2 y=3\n[g:vars]\nx=9\nz=1\nz=2\n'),
  'names that are odd': one('under_score\n-dash\nUPPER\nü\nwith.dots\n[g-1]\na\n[1g]\nb\n[g.x]\nc\n'),
  'all and ungrouped written out': one('[all]\na\n[ungrouped]\nb\n[all:vars]\nx=1\n[g]\nb\n[ungrouped:vars]\ny=2\n'),
  'depth beats priority': one(
    'h\n[low]\nh\n[high:children]\nlow\n[low:vars]\nx=low\nansible_group_priority=1\n[high:vars]\nx=high\nansible_group_priority=100\n[z]\nh\n[z:vars]\nx=z\nansible_group_priority=-1\n',
  ),
  'priority beats name': one('[a]\nh\n[b]\nh\n[a:vars]\nx=a\nansible_group_priority=10\n[b:vars]\nx=b\n'),
  'name decides the rest': one('[b]\nh\n[a]\nh\n[b:vars]\nx=b\n[a:vars]\nx=a\n'),
  'a diamond of groups': one('[top:children]\nl\nr\n[l:children]\nb\n[r:children]\nb\n[b]\nh\n[l:vars]\nx=l\n[r:vars]\nx=r\n'),
  'two ways of different length': one('[a:children]\nb\nc\n[b:children]\nc\n[c]\nh\n[c:vars]\nx=c\n[d]\nh\n[d:vars]\nx=d\n'),
  localhost: one('localhost ansible_connection=local\n[g]\n127.0.0.1\n'),
  'a group and a host of one name': one('[x]\nx y=1\nz\n[x:vars]\nw=2\n'),
  'Windows line ends': one('[g]\r\na x=1\r\n\r\n[g:vars]\r\ny=2\r\n'),
  'nothing at all': one(''),
  'only comments': one('# nothing\n'),
  'quotes around a host': one('"a b" x=1\n\'c\'\n'),
  'spaces and tabs': one('  [g]\n\ta\tx=1   y=2\t\n   b\n'),
  'yaml: everything': yaml(
    'all:\n  hosts:\n    h1: {x: 1}\n    h2:\n  vars: {a: yes, b: 0644, c: 2024-01-01}\n  children:\n    g1:\n      hosts:\n        w[1:3]:\n        h1: {y: 2.0}\n      vars: {z: [1, {k: v}]}\n    g2:\n      children: {g1: null, g3: {hosts: {h4: null}}}\n',
  ),
  'yaml: groups at the top': yaml(
    'g1:\n  hosts: {a: , b: {x: !unsafe "{{ y }}"}}\ng2:\n  children: {g1: }\n  vars: {ansible_group_priority: 5}\n',
  ),
  'yaml: hosts with ports': yaml('all:\n  hosts:\n    a:22: {x: 1}\n    "[::1]:23":\n    10.0.0.1:\n'),
  'yaml: a text for a mapping': yaml('all:\n  hosts: a\n  children: g\n'),
  'yaml: merges and anchors': yaml('x: &x\n  vars: &v {a: 1}\ny:\n  <<: *x\n  hosts: {h: {<<: *v, b: 2}}\n'),
  'yaml: unknown keys': yaml('all:\n  hosts: {a: }\n  foo: 1\n  bar: {b: }\n'),
  'yaml: no extension': one('all:\n  hosts:\n    a:\n'),
  'yaml: nulls': yaml('all:\n  hosts:\n  vars:\n  children:\n    g:\n'),
  'ini in a yml file': one('[g]\na x=1\n', 'hosts.yml'),
  json: one('{"all": {"hosts": {"a": {"x": 1e3, "y": "yes"}}, "children": {"g": {"hosts": {"a": null}}}}}', 'hosts.json'),
  'hosts.ini': one('all:\n[g]\nb\n'.replace('all:\n', 'a\n'), 'hosts.ini'),
  'a list': list('a,b , c.example.com:22,'),
  'a list of one': list('a,'),
  'a list with an odd name': list('a[1:2],b_,[::1]:24'),
  'a folder': {
    files: {
      'inv/10-web': '[web]\na x=1\n',
      'inv/20-db.yml': 'db:\n  hosts:\n    b: {x: 2}\n    a:\n',
      'inv/05-first.prod': '[web]\nz\n[web:vars]\ny=1\n',
      'inv/skip.ini': '[no]\nno\n',
      'inv/notes.md': 'some text\n',
      'inv/.hidden': 'no\n',
      'inv/old~': 'no\n',
      'inv/sub/30': '[sub]\nc\n',
    },
    sources: ['inv'],
  },
  'several sources': {
    files: {
      one: '[g]\na x=1\n[k:children]\ng\n',
      two: '[g]\nb\na x=2\n[g:vars]\ny=2\n',
      'three.yml': 'k: {vars: {y: 3}, hosts: {c: }}\n',
    },
    sources: ['one', 'two', 'x,y', 'three.yml'],
  },
  'a group of another source': { files: { one: '[g]\na\n', two: '[g:vars]\nx=1\n[p:children]\ng\n' }, sources: ['one', 'two'] },
};

/** Inventories that Ansible refuses. */
export const BAD: Readonly<Record<string, Case & { readonly line: number }>> = {
  'two words': { ...one('a\nb c\n'), line: 2 },
  'an open quote': { ...one('a x="1\n'), line: 1 },
  'variables of no group': { ...one('[a]\nx\n[g:vars]\ny=1\n'), line: 3 },
  'a child that is no group': { ...one('[g:children]\nnone\n'), line: 2 },
  'an unknown section': { ...one('\n[g:hostz]\n'), line: 2 },
  'a section with spaces': { ...one('[a b]\n'), line: 1 },
  'a variable without a value': { ...one('[g]\na\n[g:vars]\nx\n'), line: 4 },
  'a bad child': { ...one('[g]\na\n[h:children]\ng x\n'), line: 4 },
  'a circle': { ...one('[a:children]\nb\n[b:children]\na\n'), line: 4 },
  'its own child': { ...one('[a:children]\na\n'), line: 2 },
  'a range without an end': { ...one('a[1:]\n'), line: 1 },
  'unequal padding': { ...one('a[01:100]\n'), line: 1 },
  'backward letters': { ...one('a[c:a]\n'), line: 1 },
  'a colon at the end': { ...one('a:\nb:\n'.replace('a:\nb:', 'b x=1\na: y=1'), 'hosts.ini'), line: 2 },
  'yaml: a list': { ...yaml('all:\n  hosts: [a, b]\n'), line: 2 },
  'yaml: a number as host': { ...yaml('all:\n  hosts:\n    1: {}\n'), line: 3 },
  'yaml: a bad host': { ...yaml('all:\n  hosts:\n    a: 5\n'), line: 3 },
  'yaml: a circle': { ...yaml('a:\n  children: {b: {children: {a: }}}\n'), line: 2 },
};

/** Playbooks that Ansible loads, as files of a project with `site.yml`; a text is `site.yml` itself. */
export const GOOD: Readonly<Record<string, string | Readonly<Record<string, string>>>> = {
  'keywords of a play reach its tasks': `
- hosts: localhost
  name: a play
  become: yes
  become_user: them
  remote_user: me
  tags: [p, q]
  environment: {A: 1}
  vars: {x: 1}
  any_errors_fatal: true
  gather_facts: false
  serial: [1, "50%"]
  max_fail_percentage: 10
  force_handlers: yes
  tasks:
    - {ping: , tags: "a, b", environment: {A: 2, B: 3}, become: no}
    - debug: msg=hi
      check_mode: true
      diff: no
      no_log: true
      throttle: 2
      timeout: 5
      port: 22
      connection: local
      delegate_to: other
      delegate_facts: true
      run_once: true
      ignore_errors: yes
      ignore_unreachable: no
`,
  'blocks in blocks': `
- hosts: localhost
  tasks:
    - name: outer
      when: [a, b]
      tags: o
      vars: {x: 1, y: 1}
      notify: n
      environment: [{A: 1}, {B: 1}]
      block:
        - ping:
        - when: c
          vars: {y: 2}
          delegate_to: d
          block: [{ping: , when: d, vars: {z: 3}, notify: [m]}]
          rescue: [{debug: msg=r}]
      rescue: [{debug: msg=R, tags: [r]}]
      always: [{debug: msg=A, environment: {B: 2}}]
`,
  'every form of arguments': `
- hosts: localhost
  tasks:
    - copy: src=a dest=/b mode=0644
    - copy: {src: a, dest: /b, mode: 0644}
    - action: copy src=a dest=/b
    - action: {module: copy, src: a, dest: /b}
    - action: {module: copy src=a, args: {dest: /b}}
    - action: {module: copy src=a, args: dest=/b}
    - local_action: copy src=a dest=/b
    - local_action: {module: command ls -l, chdir: /tmp}
    - ansible.builtin.copy: {src: a, dest: /b}
      args: {mode: "0644", dest: /other}
    - ansible.legacy.command: ls x=1 creates=/x
    - command: ls -l  x=1 chdir=/tmp "a b"
    - command: {cmd: ls, chdir: /tmp}
    - command: {argv: [ls, -l]}
    - shell: |
        a
        b c=d
    - shell: >
        a
        b creates=x
      args: {executable: /bin/sh}
    - shell: echo {{ a b }} c="{{ d e }}" {% if x %} y {% endif %} \\
    - command: 'echo "a \\" b" c=''d e'' \\n'
    - debug: "{{ arguments }}"
    - debug: {msg: x}
      args: "{{ more }}"
    - debug: msg="{{ a + ' b' }}" verbosity=2
    - debug: msg='a\\tb \\x41'
    - set_fact: a=1 b="two words" c={{ x }}
    - set_fact: {a: [1, {b: 2}]}
    - meta: flush_handlers
    - include_vars: x.yml
    - ping:
    - debug: msg=a=b
    - raw: echo a=b
`,
  loops: `
- hosts: localhost
  tasks:
    - {ping: , loop: [1, 2], loop_control: {loop_var: x, index_var: i, label: l, pause: 1, extended: yes}}
    - {ping: , with_items: [1, [2]]}
    - {ping: , with_dict: {a: 1}}
    - {ping: , with_nested: [[1], [2]]}
    - {ping: , with_fileglob: "*.x"}
    - {ping: , with_first_found: [a, b]}
    - {ping: , with_sequence: count=3}
    - {ping: , with_subelements: [x, y]}
    - {ping: , with_ansible.builtin.items: [1]}
    - {ping: , until: r is success, retries: 2, delay: 1, register: r, changed_when: no, failed_when: [a, b]}
    - {ping: , async: 10, poll: 0}
    - {ping: , loop: }
`,
  roles: {
    'site.yml': `
- hosts: localhost
  tags: play
  roles:
    - {role: web, listen_on: 80, tags: w, when: on, vars: {v: 1}, become: yes, environment: {W: 1}}
    - name: plain
    - plain
    - {role: plain, x: 1}
  pre_tasks: [{ping: , name: pre}]
  tasks: [{ping: , name: own}]
  post_tasks: [{ping: , name: post}]
  handlers: [{name: restart, ping: , listen: all}, {name: other, ping: }]
`,
    'roles/web/meta/main.yml':
      'dependencies: [{role: base, level: 2, tags: b, when: c, become_user: u}]\nallow_duplicates: yes\ngalaxy_info: {}\n',
    'roles/web/tasks/main.yml': '- {name: web, ping: , when: d}\n- ping:\n- block: [import_tasks: more.yml]\n  when: e\n',
    'roles/web/tasks/more.yml': '- ansible.builtin.ping:\n- include_role: {name: plain}\n- include_role: {name: plain}\n  name: named\n',
    'roles/web/handlers/main.yml': '- {name: reload, ping: , listen: topic, when: f}\n- import_tasks: more.yml\n',
    'roles/web/handlers/more.yml': '- {name: more, ping: }\n',
    'roles/web/defaults/main.yml': 'd: 1\n',
    'roles/web/vars/main.yml': 'a: 1\n',
    'roles/base/tasks/main.yml': '- {name: base, ping: , tags: t}\n',
    'roles/base/handlers/main.yml': '- {name: base, ping: }\n',
    'roles/plain/tasks/main.yaml': '- {name: plain, ping: }\n',
  },
  imports: {
    'site.yml': `
- import_playbook: sub/b.yml
  vars: {x: 1}
  tags: i
  when: c
- hosts: localhost
  become: yes
  vars: {which: two, role_name_: r}
  tasks:
    - import_tasks: sub/one.yml
      when: a
      tags: [t, u]
      vars: {x: 1}
      become: no
      notify: n
      delegate_to: d
    - import_role: {name: "{{ role_name_ }}", tasks_from: other}
      vars: {y: 2}
      become_user: them
      tags: r
    - import_tasks: sub/one.yml
    - ansible.builtin.import_role: name=r
    - include_tasks: sub/one.yml
    - include_tasks: {file: "{{ x }}.yml", apply: {tags: z}}
      tags: y
      loop: [1]
`,
    'sub/b.yml': `
- hosts: localhost
  tags: own
  vars: {x: 2, y: 2}
  roles: [br]
  tasks: [{ping: , when: d}, {block: [ping: ], when: e}]
  handlers: [{ping: , name: h}]
`,
    'sub/roles/br/tasks/main.yml': '- {ping: , when: f}\n',
    'sub/one.yml': '- {name: one, ping: }\n- import_tasks: "{{ which }}.yml"\n  when: b\n- import_tasks: deep/three.yml\n',
    'sub/two.yml': '- {name: two, ping: , when: c}\n',
    'sub/deep/three.yml': '- {name: three, ping: }\n- import_tasks: four.yml\n',
    'sub/deep/four.yml': '- {name: four, ping: }\n',
    'roles/r/tasks/other.yml': '- {name: other, ping: }\n- import_tasks: more.yml\n- import_tasks: sub/x.yml\n',
    'roles/r/tasks/main.yml': '- {name: main, ping: }\n- import_role: {name: s}\n',
    'roles/r/tasks/more.yml': '- {name: more, ping: }\n',
    'roles/r/tasks/sub/x.yml': '- import_tasks: y.yml\n- import_tasks: more.yml\n',
    'roles/r/tasks/sub/y.yml': '- {name: y, ping: }\n',
    'roles/r/handlers/main.yml': '- {name: h, ping: }\n',
    'roles/r/meta/main.yml': 'dependencies: [s]\n',
    'roles/s/tasks/main.yml': '- {name: s, ping: }\n',
    'roles/s/handlers/main.yml': '- {name: sh, ping: }\n',
  },
  'handlers in blocks and a block of handlers': `
- hosts: localhost
  tasks: [{ping: , notify: [a, b]}]
  handlers:
    - {name: a, ping: }
    - {name: a, debug: msg=x}
    - block: [{name: b, ping: }]
      when: x
      tags: t
    - {name: c, ping: , listen: [d, e]}
`,
  'empty lists and odd but allowed things': {
    'site.yml': `
- hosts: [localhost, other]
  user: me
  collections: [a.b]
  tasks:
  roles: []
  handlers: []
  vars_prompt: [{name: p, prompt: q, private: no}]
  vars_files: [v.yml, [w.yml, v.yml], missing.yml]
- hosts: "localhost:other"
  vars:
  tasks:
    - import_tasks: empty.yml
    - name:
      ping:
      tags: [1, two]
      when:
      vars:
    - block: []
    - action: no_such_module x=1
      when: no
`,
    'v.yml': 'x: 1\n',
    'empty.yml': '---\n',
  },
  'a variable file names what is imported': {
    'site.yml': '- hosts: localhost\n  vars_files: [v.yml]\n  tasks: [import_tasks: "{{ x }}.yml"]\n',
    'v.yml': 'x: one\n',
    'one.yml': '- ping:\n',
  },
};

/** Playbooks that Ansible refuses before it connects anywhere, and where kplay says so: `line:col` and a part of the message. */
export const BAD: readonly (readonly [string | Readonly<Record<string, string>>, string, string])[] = [
  ['', '1:1', 'Empty playbook'],
  ['{}', '1:1', 'must be a list of plays'],
  ['[]', '1:1', 'at least one play'],
  ['- x', '1:3', 'playbook entries must be'],
  ['- tasks: []', '1:3', "the field 'hosts' is required"],
  ['- hosts:', '1:9', 'Hosts list cannot be empty'],
  ['- hosts: []', '1:10', 'Hosts list cannot be empty'],
  ['- hosts: [1]', '1:11', 'invalid host value'],
  ['- hosts: [null]', '1:11', "values of 'None'"],
  ['- hosts: {a: 1}', '1:10', 'must be a sequence or string'],
  ['- hosts: a\n  gather_fact: no', '2:3', "'gather_fact' is not a valid attribute for a Play"],
  ['- hosts: a\n  name: [x]', '2:9', "The field 'name' is supposed to be a string type"],
  ['- hosts: a\n  vars: [1]', '2:9', 'Vars in a Play must be specified as a dictionary'],
  ['- hosts: a\n  vars: {a-b: 1}', '2:10', "'a-b' is not a valid variable name"],
  ['- hosts: a\n  vars: {if: 1}', '2:10', "'if' is not a valid variable name"],
  ['- hosts: a\n  tasks: {}', '2:10', 'A malformed block was encountered while loading tasks'],
  ['- hosts: a\n  tasks: [x]', '2:11', 'a task must be a mapping'],
  ['- hosts: a\n  roles: x', '2:10', 'A malformed role declaration'],
  ['- hosts: a\n  roles: [absent]', '2:11', "the role 'absent' was not found in"],
  ['- hosts: a\n  roles: [{x: 1}]', '2:11', 'role definitions must contain a role name'],
  ['- hosts: a\n  roles: ["a,b"]', '2:11', 'Invalid old style role requirement'],
  ['- hosts: a\n  roles: [[]]', '2:11', 'Invalid role definition'],
  ['- hosts: a\n  user: x\n  remote_user: y', '2:9', "both 'user' and 'remote_user' are set"],
  ['- hosts: a\n  vars_prompt: [{prompt: x}]', '2:17', "missing 'name' key"],
  ['- hosts: a\n  vars_prompt: [{name: x, promt: y}]', '2:27', "unsupported key 'promt'"],
  ['- hosts: a\n  module_defaults: x', '2:20', "The field 'module_defaults' is supposed"],
  ['- hosts: a\n  tags: {a: 1}', '2:9', 'tags must be specified as a list'],
  ['- hosts: a\n  tasks:\n  - pign:', '3:5', "couldn't resolve module/action 'pign'"],
  ['- hosts: a\n  tasks:\n  - foo.bar:', '3:5', "couldn't resolve module/action 'foo.bar'"],
  ['- hosts: a\n  tasks:\n  - ansible.builtin.cpoy:', '3:5', "couldn't resolve module/action"],
  ['- hosts: a\n  tasks:\n  - ping:\n    whn: x', '4:5', "'whn' is not a valid attribute for a Task"],
  ['- hosts: a\n  tasks:\n  - ping:\n    debug:', '4:5', 'conflicting action statements: ping, debug'],
  ['- hosts: a\n  tasks:\n  - action: ping\n    debug:', '4:5', 'conflicting action statements: action, debug'],
  ['- hosts: a\n  tasks:\n  - action: ping\n    local_action: ping', '4:5', 'action and local_action are mutually exclusive'],
  ['- hosts: a\n  tasks:\n  - name: x', '3:5', 'no module/action detected in task'],
  ['- hosts: a\n  tasks:\n  - ping: 5', '3:11', 'unexpected parameter type in action'],
  ['- hosts: a\n  tasks:\n  - ping: [a]', '3:11', 'unexpected parameter type in action'],
  ['- hosts: a\n  tasks:\n  - ping: free text', '3:11', 'has extra params'],
  ['- hosts: a\n  tasks:\n  - ping:\n    args: x', '4:11', 'Complex args containing variables cannot use bare variables'],
  ['- hosts: a\n  tasks:\n  - ping:\n    args: [x]', '4:11', 'Complex args must be a dictionary'],
  ['- hosts: a\n  tasks:\n  - ping: {_ansible_x: 1}', '3:5', '_ansible_'],
  ['- hosts: a\n  tasks:\n  - command: {cmd: x, _raw_params: y}', '3:20', "The 'cmd' argument cannot be used"],
  [`- hosts: a\n  tasks:\n  - command: ls "x`, '3:14', 'unbalanced jinja2 block or quotes'],
  [`- hosts: a\n  tasks:\n  - debug: msg={{ x`, '3:12', 'unbalanced jinja2 block or quotes'],
  ['- hosts: a\n  tasks:\n  - ping:\n    loop: [1]\n    with_items: [2]', '5:17', 'duplicate loop in task: items'],
  ['- hosts: a\n  tasks:\n  - ping:\n    with_items:', '4:5', 'you must specify a value when using with_items'],
  ['- hosts: a\n  tasks:\n  - ping:\n    with_itmes: [1]', '4:5', "'with_itmes' is not a valid attribute for a Task"],
  ['- hosts: a\n  tasks:\n  - ping:\n    loop: [1]\n    loop_control: x', '5:19', 'must be specified as a dictionary'],
  ['- hosts: a\n  tasks:\n  - ping:\n    loop: [1]\n    loop_control: {loopvar: x}', '5:20', "'loopvar' is not a valid attribute for a LoopControl"],
  ['- hosts: a\n  tasks:\n  - ping:\n    register: a-b', '4:15', "Invalid variable name in 'register' specified: 'a-b'"],
  ['- hosts: a\n  tasks:\n  - ping:\n    register: "{{ x }}"', '4:15', "Invalid variable name in 'register'"],
  ['- hosts: a\n  tasks:\n  - ping:\n    delegate_to: [x]', '4:18', "The field 'delegate_to' is supposed to be a string type"],
  ['- hosts: a\n  tasks:\n  - ping:\n    vars: x', '4:11', 'Vars in a Task must be specified as a dictionary'],
  ['- hosts: a\n  tasks:\n  - ping:\n    listen: x', '4:5', "'listen' is not a valid attribute for a Task"],
  ['- hosts: a\n  tasks:\n  - block: x', '3:12', 'A malformed block was encountered'],
  ['- hosts: a\n  tasks:\n  - block:', '3:11', 'A malformed block was encountered'],
  ['- hosts: a\n  tasks:\n  - block: [ping: ]\n    rescue: {}', '4:13', 'A malformed block was encountered while loading rescue'],
  ['- hosts: a\n  tasks:\n  - rescue: [ping: ]', '3:5', "'rescue' keyword cannot be used without 'block'"],
  ['- hosts: a\n  tasks:\n  - block: [ping: ]\n    loop: [1]', '4:5', "'loop' is not a valid attribute for a Block"],
  ['- hosts: a\n  tasks:\n  - block: [ping: ]\n    register: x', '4:5', "'register' is not a valid attribute for a Block"],
  ['- hosts: a\n  tasks:\n  - include_tasks:', '3:5', 'No file specified for include_tasks'],
  ['- hosts: a\n  tasks:\n  - include_tasks: {file: x, tags: y}', '3:5', 'Invalid options for include_tasks: tags'],
  ['- hosts: a\n  tasks:\n  - include_tasks: x.yml\n    become: yes', '4:5', "'become' is not a valid attribute for a TaskInclude"],
  ['- hosts: a\n  tasks:\n  - include_tasks: {file: x, apply: y}', '3:37', 'Expected a dict for apply'],
  ['- hosts: a\n  tasks:\n  - import_tasks: {file: x, apply: {tags: y}}', '3:5', 'Invalid options for import_tasks: apply'],
  ['- hosts: a\n  tasks:\n  - import_tasks: none.yml', '3:19', "Could not find or access 'none.yml'"],
  [{ 'site.yml': '- hosts: a\n  tasks:\n  - import_tasks: x.yml\n    loop: [1]', 'x.yml': '- ping:' }, '3:5', "You cannot use loops on 'import_tasks'"],
  [{ 'site.yml': '- hosts: a\n  tasks:\n  - import_tasks: x.yml', 'x.yml': 'a: b' }, '1:1', 'must contain a list of tasks'],
  [{ 'site.yml': '- hosts: a\n  tasks:\n  - import_tasks: x.yml', 'x.yml': '- import_tasks: x.yml' }, '1:17', 'imports itself'],
  ['- hosts: a\n  tasks:\n  - import_tasks: "{{ nowhere }}.yml"', '3:19', "'nowhere' is undefined"],
  ['- hosts: a\n  tasks:\n  - include_role: {nme: x}', '3:5', 'Invalid options for include_role: nme'],
  ['- hosts: a\n  tasks:\n  - include_role: {name: x, task_from: y}', '3:5', 'Invalid options for include_role: task_from'],
  ['- hosts: a\n  tasks:\n  - include_role: {name: x, tasks_from: [y]}', '3:41', 'Expected a string for tasks_from'],
  ['- hosts: a\n  tasks:\n  - include_role: {name: x}\n    become: yes', '4:5', "'become' is not a valid attribute for a IncludeRole"],
  ['- hosts: a\n  tasks:\n  - import_role: {name: absent}', '3:25', "the role 'absent' was not found"],
  [{ 'site.yml': '- hosts: a\n  tasks:\n  - import_role: {name: r, tasks_from: other}', 'roles/r/tasks/main.yml': '[]' }, '3:25', 'Could not find specified file in role: tasks/other'],
  [{ 'site.yml': '- hosts: a\n  roles: [r]', 'roles/r/meta/main.yml': 'dependencies: [r]' }, '1:16', 'A recursion loop was detected'],
  [{ 'site.yml': '- hosts: a\n  roles: [r]', 'roles/r/meta/main.yml': 'dependancies: [r]' }, '1:1', "'dependancies' is not a valid attribute for a RoleMetadata"],
  [{ 'site.yml': '- hosts: a\n  roles: [r]', 'roles/r/meta/main.yml': '[1]' }, '1:1', 'is not a dictionary'],
  [{ 'site.yml': '- hosts: a\n  roles: [r]', 'roles/r/meta/main.yml': 'dependencies: x' }, '1:15', 'Expected role dependencies to be a list'],
  [{ 'site.yml': '- hosts: a\n  roles: [r]', 'roles/r/vars/main.yml': '[1]' }, '1:1', 'must contain a dictionary of variables'],
  [{ 'site.yml': '- hosts: a\n  roles: [r]', 'roles/r/tasks/main.yml': 'a: 1' }, '1:1', 'A malformed block'],
  [{ 'site.yml': '- hosts: a\n  roles: [r]', 'roles/r/tasks/main.yml': '- ping:\n- pign:' }, '2:3', "couldn't resolve module/action 'pign'"],
  ['- hosts: a\n  handlers:\n  - block: [{block: [ping: ]}]', '3:13', 'Using a block as a handler is not supported'],
  ['- hosts: a\n  handlers:\n  - import_role: {name: x}', '3:5', "Using 'import_role' as a handler"],
  ['- hosts: a\n  handlers:\n  - include_role: {name: x}', '3:5', "Using 'include_role' as a handler"],
  ['- hosts: a\n  handlers:\n  - meta: end_role', '3:5', "Cannot execute 'end_role' from a handler"],
  ['- hosts: a\n  tasks:\n  - meta: end_role', '3:5', "Cannot execute 'end_role' from outside of a role"],
  ['- import_playbook:', '1:3', 'playbook import parameter is missing'],
  ['- import_playbook: none.yml', '1:20', "Could not find or access 'none.yml'"],
  [{ 'site.yml': '- import_playbook: b.yml\n  hosts: a', 'b.yml': '- hosts: a' }, '2:3', "'hosts' is not a valid attribute for a PlaybookInclude"],
  [{ 'site.yml': '- import_playbook: b.yml\n  vars: [1]', 'b.yml': '- hosts: a' }, '2:9', 'must be specified as a dictionary'],
  ['- hosts: a\n  tasks: [', '2:11', ''],
]; // prettier-ignore

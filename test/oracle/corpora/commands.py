"""Answers command lines of ansible-playbook and ansible-inventory, each in a child of one process that has loaded everything.

stdin: JSON [[program, ...arguments], ...]; stdout: JSON [{"code", "stdout", "stderr"}, ...]. The current folder is where ansible.cfg is looked for.
"""

import json
import os
import sys
import tempfile

import ansible.parsing.yaml.dumper  # noqa: F401
from ansible.cli.inventory import InventoryCLI
from ansible.cli.playbook import PlaybookCLI
from ansible.errors import AnsibleError, AnsibleOptionsError, AnsibleParserError
from ansible.plugins.loader import init_plugin_loader
from ansible.utils.display import Display

CLIS = {"ansible-playbook": PlaybookCLI, "ansible-inventory": InventoryCLI}


def status(line):
    try:
        return CLIS[line[0]](line).run() or 0
    except SystemExit as end:
        return end.code or 0
    except AnsibleError as error:
        Display().error(str(error), wrap_text=False)
        return 5 if isinstance(error, AnsibleOptionsError) else 4 if isinstance(error, AnsibleParserError) else 1
    except Exception as error:
        Display().error(f"{type(error).__name__}: {error}", wrap_text=False)
        return 250


def answer(line):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            code = 250
            try:
                os.dup2(out.fileno(), 1)
                os.dup2(err.fileno(), 2)
                code = status(line)
                sys.stdout.flush()
                sys.stderr.flush()
            finally:
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        err.seek(0)
        return {"code": code, "stdout": out.read().decode(), "stderr": err.read().decode()}


init_plugin_loader()
json.dump([answer(line) for line in json.load(sys.stdin)], sys.stdout)

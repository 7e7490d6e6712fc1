"""Evaluates a project's templates with ansible-core, as tasks of its first host would.

stdin: JSON {"sources": [inventory], "folder", "facts": {}, "scopes": [{"defaults": [file], "vars": [file], "searchPath": [folder], "cases":
[{"mode", "source", "loop"?, "loopVar"?}]}]}; stdout: JSON [[[value], …] | [null, error], …] for each scope. Modes: s a playbook string, w a
condition, t a template file by its path. Values are spelled with their types.
"""

import json
import os
import sys

from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.conditional import Conditional
from ansible.playbook.play import Play
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar
from ansible.utils.display import Display
from ansible.utils.unsafe_proxy import wrap_var
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager

Display.display = lambda *args, **kwargs: None


def typed(value):
    if value is None or type(value) in (bool, int):
        return value
    if isinstance(value, float):
        return {"float": repr(value)}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [typed(item) for item in value]
    if isinstance(value, dict):
        return {"dict": [[typed(key), typed(item)] for key, item in value.items()]}
    return {"other": str(value)}


def evaluate(loader, case, variables, search_path):
    templar = Templar(loader, variables)
    if "loop" in case:
        items = templar.template(case["loop"])
        if not isinstance(items, list) or not items:
            raise ValueError("nothing to loop over")
        variables = {**variables, case["loopVar"]: wrap_var(items[0])}
        templar = Templar(loader, variables)
    if case["mode"] == "s":
        return templar.template(case["source"])
    if case["mode"] == "w":
        conditional = Conditional(loader=loader)
        conditional.when = [case["source"]]
        return conditional.evaluate_conditional(templar, variables)
    templar.environment.loader.searchpath = [os.path.dirname(case["source"]), *search_path]
    with open(case["source"], encoding="utf-8") as file:
        text = file.read()
    return templar.do_template(text, preserve_trailing_newlines=True, escape_backslashes=False)


def answer(loader, case, variables, search_path):
    try:
        return [typed(evaluate(loader, case, variables, search_path))]
    except Exception as error:
        return [None, f"{type(error).__name__}: {error}"]


def layer(loader, files):
    merged = {}
    for file in files:
        merged.update(loader.load_from_file(file, cache="all") or {})
    return merged


def main():
    request = json.load(sys.stdin)
    init_plugin_loader()
    loader = DataLoader()
    loader.set_basedir(request["folder"])
    inventory = InventoryManager(loader=loader, sources=request["sources"])
    variables = VariableManager(loader=loader, inventory=inventory)
    HostVars(inventory=inventory, variable_manager=variables, loader=loader)
    hosts = inventory.get_hosts()
    for host in hosts:
        variables.set_host_facts(host.name, request["facts"])
    play = Play.load({"name": "all", "hosts": "all", "gather_facts": False}, variable_manager=variables, loader=loader)
    of_host = variables.get_vars(play=play, host=hosts[0])
    answers = []
    for scope in request["scopes"]:
        known = {
            **layer(loader, scope["defaults"]),
            **of_host,
            **layer(loader, scope["vars"]),
            "ansible_search_path": scope["searchPath"],
            "ansible_managed": "Ansible managed",
            "ansible_inventory_sources": request["sources"],
            "omit": "omitted",
        }
        answers.append([answer(loader, case, known, scope["searchPath"]) for case in scope["cases"]])
    json.dump(answers, sys.stdout)


main()

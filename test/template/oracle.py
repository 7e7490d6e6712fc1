"""Evaluates templates with ansible-core and says what came out.

stdin: JSON {"vars": {}, "files": {name: text}, "cases": [[mode, source], ...]}; stdout: JSON [[type, repr] | [null, error], ...].
Modes: s a playbook string, t a template file, w a condition, x an expression (in a list, so that it keeps its type).
"""

import json
import os
import sys
import tempfile

os.environ.setdefault("ANSIBLE_LOCALHOST_WARNING", "False")
os.environ["ANSIBLE_DEPRECATION_WARNINGS"] = "False"

from ansible.parsing.dataloader import DataLoader  # noqa: E402
from ansible.playbook.conditional import Conditional  # noqa: E402
from ansible.plugins.loader import init_plugin_loader  # noqa: E402
from ansible.template import Templar  # noqa: E402
from ansible.utils.display import Display  # noqa: E402

try:  # ansible-core 2.19 evaluates only what it was told to trust
    from ansible.template import trust_as_template
except ImportError:
    trust_as_template = None

Display.display = lambda *args, **kwargs: None


def trusted(value):
    if isinstance(value, dict):
        return {key: trusted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [trusted(item) for item in value]
    return trust_as_template(value) if trust_as_template and isinstance(value, str) else value


def evaluate(loader, mode, source, values):
    if trust_as_template:
        return evaluate_trusted(Templar(loader, trusted(values)), loader, mode, source)
    templar = Templar(loader, values)
    if mode == "s":
        return templar.template(source)
    if mode == "x":
        return templar.template("{{ [" + source + "] }}")
    if mode == "t":
        templar.environment.loader.searchpath = [loader.get_basedir()]
        return templar.do_template(source, escape_backslashes=False)
    conditional = Conditional(loader=loader)
    conditional.when = [source]
    return conditional.evaluate_conditional(templar, values)


def evaluate_trusted(templar, loader, mode, source):
    if mode == "w":
        return templar.evaluate_conditional(trust_as_template(source))
    if mode == "t":
        pages = templar.copy_with_new_env(searchpath=[loader.get_basedir()])
        page = pages.template(trust_as_template(source), escape_backslashes=False)
        # As the template module writes it.
        return "" if page is None else str(page)
    return templar.template(trust_as_template(source if mode == "s" else "{{ [" + source + "] }}"))


def shown(value):
    name = type(value).__name__
    if isinstance(value, str):
        return ["str", repr(str(value))]
    return [name, repr(value)]


def main():
    request = json.load(sys.stdin)
    init_plugin_loader()
    folder = tempfile.mkdtemp(prefix="kplay-oracle-")
    for name, text in request["files"].items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    loader = DataLoader()
    loader.set_basedir(folder)
    answers = []
    for mode, source in request["cases"]:
        try:
            answers.append(shown(evaluate(loader, mode, source, json.loads(json.dumps(request["vars"])))))
        except Exception as error:
            answers.append([None, f"{type(error).__name__}: {error}"])
    json.dump(answers, sys.stdout)


main()

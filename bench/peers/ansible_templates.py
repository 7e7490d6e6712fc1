"""The playbooks' own templates, rendered by pyinfra: what they ask of Ansible's Jinja2."""
import json
import random
import re

from jinja2.ext import Extension
from pyinfra import host
from pyinfra.operations import files


class AnsibleFilters(Extension):
    def __init__(self, environment):
        super().__init__(environment)
        environment.filters.update(
            random=lambda end, seed: random.Random(seed).randrange(end),
            regex_replace=lambda text, pattern, by: re.sub(pattern, by, text),
            to_json=json.dumps,
        )


def template(name, dest, **variables):
    return files.template(
        name=f"Template {name}",
        src=f"../playbooks/templates/{name}.conf.j2",
        dest=dest,
        mode="644",
        jinja_env_kwargs={"trim_blocks": True, "extensions": [AnsibleFilters]},
        ansible_managed="Ansible managed",
        ansible_host=host.data.ssh_hostname,
        inventory_hostname=host.name,
        group_names=host.data.group_names,
        groups={"all": host.data.all_hosts},
        **variables,
    )

"""../playbooks/mixed.yml: handlers are operations on a condition, and what needs an earlier answer is nested into a call."""
import base64
from io import StringIO

from ansible_templates import template
from pyinfra import host
from pyinfra.facts.files import File
from pyinfra.facts.hardware import Cpus
from pyinfra.facts.server import Arch, Command, KernelVersion, LinuxDistribution
from pyinfra.operations import files, python, server
from pyinfra.operations.util import any_changed

root = "/srv/kplay-bench"
service, port = "ledger", 8480
workers = max(2, host.get_fact(Cpus))
peers = ["10.0.0.1", "10.0.0.2", "10.0.0.3"]


def write(name, content, mode="644"):
    return files.put(name=name, src=StringIO(content), dest=f"{root}/{name}", mode=mode)


for folder in ["etc", "etc/parts", "etc/conf.d", "lib", "log"]:
    files.directory(name=f"Directory {folder}", path=f"{root}/{folder}", mode="755")

series = ".".join(host.get_fact(KernelVersion).split(".")[:2])
distribution = host.get_fact(LinuxDistribution)
write("etc/platform", f"{distribution['name']} {distribution['major']} {host.get_fact(Arch)}\n{series}\n")
if distribution["name"] in ["Debian", "Ubuntu"]:
    write("etc/packager", "apt\n")
else:
    write("etc/packager", "dnf\n")

changes = []


def mark(part):
    if host.get_fact(File, path=f"{root}/etc/parts/{part}.conf"):
        files.directory(name=f"Mark of {part}", path=f"{root}/lib/{part}", mode="700")


for part in host.loop(["network", "storage", "limits"]):
    changes.append(write(f"etc/parts/{part}.conf", f"[{part}]\nservice = {service}\n"))
    python.call(name=f"State of {part}", function=mark, part=part)
changes.append(template("main", f"{root}/etc/parts/main.conf", service=service, port=port, workers=workers))

server.shell(
    name="Build once",
    commands="cp etc/platform built",
    _chdir=root,
    _if=lambda: not host.get_fact(File, path=f"{root}/built"),
)
defaults = f"{root}/etc/defaults"
files.put(
    name="Defaults",
    src="../playbooks/files/defaults",
    dest=defaults,
    mode="644",
    _if=lambda: not host.get_fact(File, path=defaults),
)
for key, value in [("PORT", port), ("WORKERS", workers), ("KERNEL", series)]:
    changes.append(files.line(name=f"Setting {key}", path=defaults, line=f"^{key}=.*$", replace=f"{key}={value}"))
files.block(name="A block of peers", path=defaults, content=[f"PEER={peer}" for peer in peers], marker="# {mark} peers")


def check():
    assert host.get_fact(File, path=defaults)["size"] > 20


def own():
    who = host.get_fact(Command, command="id -un; pwd", _chdir=root).splitlines()
    write("etc/owner", f"{who[0]}\n", mode="600")


def copy_back():
    content = host.get_fact(Command, command=f"base64 {root}/etc/owner")
    write("etc/owner.copy", base64.b64decode(content).decode(), mode="600")


python.call(name="It is there", function=check)
python.call(name="Who is logged in as", function=own)
files.link(name="Link", path=f"{root}/conf", target=f"{root}/etc")
python.call(name="The same again", function=copy_back)

rebuild = server.shell(name="Rebuild", commands="cat etc/parts/*.conf >all.conf", _chdir=root, _if=any_changed(*changes))
server.shell(name="Count", commands="wc -l <all.conf >count", _chdir=root, _if=rebuild.did_change)

"""The fifty operations of ../playbooks/files.yml."""
from io import StringIO

from ansible_templates import template
from pyinfra import host
from pyinfra.facts.files import File
from pyinfra.operations import files, python

root = "/srv/kplay-bench"
service, port, workers = "ledger", 8480, 4
peers = ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
private = ["/etc/tls", "/lib/data"]

for folder in ["", "/etc", "/etc/conf.d", "/etc/tls", "/etc/limits.d", "/lib", "/lib/data", "/log", "/run", "/share"]:
    files.directory(name=f"Directory {folder}", path=f"{root}{folder}", mode="750" if folder in private else "755")

for name in ["main", "cluster", "logging", "tls", "limits", "cache", "queue", "metrics", "auth", "backup"]:
    template(name, f"{root}/etc/conf.d/{name}.conf", root=root, service=service, port=port, workers=workers, peers=peers)

for name in ["motd", "banner", "environment", "profile"]:
    files.put(name=f"Copy {name}", src=f"../playbooks/files/{name}", dest=f"{root}/share/{name}", mode="644")
for name in ["hosts.allow", "crontab", "LICENSE", "robots"]:
    files.put(name=f"Write {name}", src=StringIO(f"{name} of {service}\n"), dest=f"{root}/share/{name}", mode="640")

defaults = f"{root}/etc/defaults"
files.put(
    name="Defaults",
    src="../playbooks/files/defaults",
    dest=defaults,
    mode="644",
    _if=lambda: not host.get_fact(File, path=defaults),
)
files.put(name="Limits", src="../playbooks/files/limits", dest=f"{root}/etc/limits.d/ledger.conf", mode="644")

for key, value in [
    ("PORT", port),
    ("WORKERS", workers),
    ("HOME", f"{root}/lib"),
    ("PEERS", ",".join(peers)),
    ("LOG", f"{root}/log"),
    ("TIMEOUT", 30),
    ("RETRIES", 3),
    ("VERBOSE", "no"),
    ("COLOUR", "never"),
    ("LOCALE", "C.UTF-8"),
]:
    files.line(name=f"Default {key}", path=defaults, line=f"^{key}=.*$", replace=f"{key}={value}")

for path, target in [
    ("data", "lib/data"),
    ("logs", "log"),
    ("etc/main.conf", "etc/conf.d/main.conf"),
    ("etc/profile", "share/profile"),
]:
    files.link(name=f"Link {path}", path=f"{root}/{path}", target=f"{root}/{target}")

files.file(name="Remove what older versions left", path=f"{root}/etc/old.conf", present=False)
files.file(name="Protect the defaults", path=defaults, mode="640", user="root", group="root")


def look(path):
    host.get_fact(File, path=path)


for path in ["etc/conf.d/main.conf", "etc/defaults", "lib/data", "etc/main.conf"]:
    python.call(name=f"Look at {path}", function=look, path=f"{root}/{path}")

#!/usr/bin/env bash
# Three bare-metal-like hosts on this machine, etcd on them by the case study's command line, and the proof that a second run changes
# nothing. Needs Debian 12, root, git and npm; run it as often as you like.
set -euo pipefail
cd "$(dirname "$0")/.."
kplay=bin/kplay
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

step() { printf '\n\033[1m── %s\033[0m\n' "$*"; }
shown() { printf '\033[2m$ %s\033[0m\n' "$*"; "$@"; }
on() { $kplay lab ssh "$@"; }
fail() { printf 'demo: %s\n' "$*" >&2; exit 1; }
ms() { date +%s%3N; }

# What a second run must leave as it is: container, process, start, and when files were written.
# shellcheck disable=SC2016
look='docker inspect --format "container {{slice .Id 0 12}}  pid {{.State.Pid}}  started {{slice .State.StartedAt 0 19}}" etcd
stat -c "%n  written %y" /var/etcd/data /var/etcd/data/member'
prints() { for host in h1 h2 h3; do on $host "$look" | sed "s/^/$host  /"; done; }

step 'What this machine lacks is installed (the first time: a few minutes)'
bash test/setup/prepare.sh lab
shown $kplay lab up 3 --docker
shown $kplay lab images

# After an upgrade the hosts run another version than the inventory says, and etcd does not go back.
version=$(on h1 'docker inspect --format "{{.Config.Image}}" etcd 2>/dev/null || :')
line=(run --limit=etcds -i inventories/lab k8s.yaml --tags etcd)
[ -z "$version" ] || line+=(-e "etcd_version=${version##*:}")

step 'The runbook: playbooks/k8s.yaml, role etcd, template roles/etcd/templates/etcd-command.j2'
began=$(ms)
shown $kplay "${line[@]}"
printf 'in %d ms\n' $(($(ms) - began))

step 'What stands there now'
shown $kplay lab ssh h1 'docker exec etcd etcdctl member list -w table'
shown $kplay lab ssh h1 'docker exec etcd etcdctl endpoint health --cluster'
clusters=$(for host in h1 h2 h3; do on $host 'docker exec etcd etcdctl endpoint status -w json' | grep -o '"cluster_id":[0-9]*'; done | sort | uniq -c)
printf 'members by cluster:\n%s\n' "$clusters"
[ "$(wc -l <<<"$clusters")" = 1 ] || fail 'the members are not of one cluster'
for host in h1 h2 h3; do
  on $host "docker exec etcd etcdctl put demo/$host 'written through $host'" >/dev/null
  for reader in h1 h2 h3; do
    read=$(on $reader "docker exec etcd etcdctl get --print-value-only demo/$host")
    [ "$read" = "written through $host" ] || fail "$reader reads '$read'"
  done
  echo "$read, and read through h1, h2 and h3"
done

step 'Again: nothing may change'
prints >"$scratch/before"
began=$(ms)
shown $kplay "${line[@]}" | tee "$scratch/out"
took=$(($(ms) - began))
prints >"$scratch/after"
cat "$scratch/after"
diff "$scratch/before" "$scratch/after" || fail 'the second run touched something'
# The recap has a line a host: `10.89.0.11 : ok=9 changed=0 …`.
still=$(grep -Ec ': +ok=[1-9][0-9]* +changed=0 +unreachable=0 +failed=0' "$scratch/out") || true
[ "$still" = 3 ] || fail "expected three hosts with tasks and without changes, found $still"
printf '\nThree hosts, every task looked at, nothing changed: the same containers, processes and files. It took %d ms.\n' "$took"

step 'What to try next'
cat <<'END'
  bin/kplay run upgrade.yaml --limit etcds -e etcd_version=3.5.16 --check --diff   # what an upgrade would do
  bin/kplay run upgrade.yaml --limit etcds -e etcd_version=3.5.16                  # followers first, leader last, gated
  bin/kplay lab ssh h2 docker stop etcd                                            # then upgrade: refused, and why
  bin/kplay run etcd-backup.yaml                                                   # a verified snapshot, in playbooks/backups
  npm run demo:cluster                                                             # all of Kubernetes, on six hosts
  docs/runbooks.md                                                                 # when to use which

  bin/kplay lab down                                                               # all of it is gone again
END

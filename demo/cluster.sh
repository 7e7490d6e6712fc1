#!/usr/bin/env bash
# A whole Kubernetes cluster on six bare hosts of this machine: three masters that carry etcd, three nodes. The first time its programs are built
# from source, which takes half an hour. Needs what demo.sh needs, and 4 GiB of memory.
set -euo pipefail
cd "$(dirname "$0")/.."
kplay=bin/kplay
export KPLAY_LAB_DIR=/var/lib/kplay-demo KPLAY_LAB_NETWORK=10.89.8.0/24
inventory=$(mktemp)
trap 'rm -f "$inventory"' EXIT
sed -e 's#10\.89\.0#10.89.8#g' -e "s#/var/lib/kplay-lab#$KPLAY_LAB_DIR#g" inventories/lab-cluster >"$inventory"

step() { printf '\n\033[1m── %s\033[0m\n' "$*"; }
shown() { printf '\033[2m$ %s\033[0m\n' "$*"; "$@"; }
site() { shown $kplay run -i "$inventory" -e "pki_dir=$KPLAY_LAB_DIR/pki" "$@"; }

step 'What this machine lacks is installed, six hosts are booted, images are built'
bash test/setup/prepare.sh lab
shown $kplay lab up 6 --docker
shown $kplay lab images kubernetes

step 'From bare hosts to a page that every node can see: playbooks/site.yaml'
site site.yaml
step 'Again: nothing may change'
site site.yaml
step 'What stands there now'
shown $kplay status -i "$inventory"

cat <<END

  export KPLAY_LAB_DIR=$KPLAY_LAB_DIR KPLAY_LAB_NETWORK=$KPLAY_LAB_NETWORK
  bin/kplay lab ssh h1 docker exec kube-apiserver kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes
  docs/cluster.md, docs/nodes.md, docs/upgrade.md                                  # drain it, upgrade it
  bin/kplay lab down                                                               # all of it is gone again
END

#!/bin/bash
# naive.sh NETWORK LAB: the cluster of inventories/lab-cluster as one scripts it in an afternoon. All hosts at once, nothing looked at beforehand, nothing
# that could be run twice; etcd speaks plain HTTP. NETWORK is the lab's without its last number, LAB the lab's folder. Prints a line `phase seconds` for each.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
network=$1 lab=$2
masters='1 2 3' nodes='4 5 6' all='1 2 3 4 5 6'
registry=$network.1:10500
kubernetes=$registry/root/hyperkube:v1.33.13
vip=$network.100

scratch=$(mktemp -d)
remote() { # HOST COMMAND
  ssh -q -i "$lab/id_ed25519" -o UserKnownHostsFile="$lab/known_hosts" -o ControlMaster=auto -o ControlPersist=yes -o ControlPath="$scratch/%h" \
    "root@$network.1$1" "$2"
}
on() { # HOSTS COMMAND: on all of them at once; $I is the host's number
  local host pid running=()
  for host in $1; do
    remote "$host" "I=$host; $2" >"$scratch/$host.log" 2>&1 &
    running+=($!)
  done
  for pid in "${running[@]}"; do wait "$pid"; done
}
leave() {
  local status=$? host
  [ $status = 0 ] || tail -n 20 "$scratch"/*.log >&2
  for host in $all; do ssh -q -o ControlPath="$scratch/%h" -O exit "root@$network.1$host" 2>/dev/null || true; done
  rm -rf "$scratch"
  exit $status
}
trap leave EXIT

at=${EPOCHREALTIME//[!0-9]/} # microseconds
phase() { # NAME: it has ended
  local now=${EPOCHREALTIME//[!0-9]/}
  local took=$(((now - at) / 1000))
  printf '%s %d.%03d\n' "$1" $((took / 1000)) $((took % 1000))
  at=$now
}
patiently() { # COMMAND: again and again, for five minutes
  local end=$((SECONDS + 300))
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || { echo "never succeeded: $*" >&2; exit 1; }
    sleep 0.2
  done
}
kubectl() { remote 1 "docker exec -i kube-apiserver kubectl --kubeconfig /etc/kubernetes/pki/admin.conf $*"; }
apply() { sed "s/REGISTRY/$registry/" "$here/$1" | kubectl apply -f -; }
everyone_is_there() { [ "$(kubectl get nodes -o name | wc -l)" = 6 ]; }

mkdir "$scratch/pki"
bash "$here/certificates.sh" "$scratch/pki" "$network"
cat >"$scratch/settings" <<END
network=$network registry=$registry kubernetes=$kubernetes vip=$vip pki=/etc/kubernetes/pki
END
phase certificates

for host in $all; do
  tar -c -C "$scratch" pki settings -C "$here" runtime.sh master.sh node.sh |
    remote "$host" 'mkdir -p /etc/kubernetes && tar -x --no-same-owner -C /etc/kubernetes' &
  copying[host]=$!
done
for pid in "${copying[@]}"; do wait "$pid"; done
on "$all" 'cd /etc/kubernetes && . ./settings && . ./runtime.sh'
phase 'container runtime'

on "$nodes" "docker pull -q $kubernetes && docker pull -q $registry/root/flannel:0.26.7" &
pulling=$!
on "$masters" 'cd /etc/kubernetes && . ./settings && . ./master.sh'
wait $pulling
patiently curl -sf -m 2 --cacert "$scratch/pki/ca.crt" "https://$vip:8443/readyz"
patiently apply access.yaml
phase 'masters behind one address'

on "$all" 'cd /etc/kubernetes && . ./settings && . ./node.sh'
patiently everyone_is_there
kubectl wait --for=condition=Ready node --all --timeout=300s >/dev/null
phase nodes

apply work.yaml >/dev/null
kubectl wait --for=condition=Available deployment --all -A --timeout=300s >/dev/null
phase 'services of the cluster'

on "$all" 'for i in $(seq 60); do curl -sf -m 5 http://10.96.0.80/ && exit; sleep 0.2; done; exit 1'
for host in $all; do grep -q '^web-' "$scratch/$host.log"; done
phase 'smoke test'

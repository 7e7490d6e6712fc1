#!/bin/sh
# wipe.sh look|wipe COMPONENT...: what a cluster left on this host, a line a thing; `wipe` removes it as well. The kubelet is named first: it
# would start its pods again. Docker, containerd and the network plugins stay, and so do snapshots of etcd and data that was moved aside.
act=$1
shift
wiping() { [ "$act" = wipe ]; }

# Units first, since they start their containers again; keepalived must end by itself, to give its address back.
for name; do
  unit=/etc/systemd/system/$name.service
  grep -qs -e '^# Written by kplay' -e '^Description=etcd member' "$unit" || continue
  echo "unit $name"
  wiping || continue
  systemctl disable --now "$name" >/dev/null 2>&1
  rm -f "$unit" "/run/kplay.$name"
  systemctl daemon-reload
done

containers=$(docker ps -a --format '{{.Names}} {{.Label "kplay.config"}}' | awk 'NF > 1 || /^etcd( |$)|^etcd[.]kplay-old/ { print $1 }')
for name in $containers; do echo "container $name"; done
if wiping && [ -n "$containers" ]; then
  docker stop -t 5 $containers >/dev/null
  docker rm -f $containers >/dev/null
fi

# Pods are containerd's; who stops them when no kubelet does? Those that end on TERM within three seconds may.
pods() { ctr -n k8s.io "$1" ls -q; }
if [ -n "$(pods containers)" ]; then
  echo "pods $(pods containers | wc -l | tr -d ' ') containers"
  if wiping; then
    for id in $(pods tasks); do ctr -n k8s.io tasks kill -s TERM "$id" 2>/dev/null; done
    for _ in 1 2 3; do
      ctr -n k8s.io tasks ls | grep -q RUNNING || break
      sleep 1
    done
    for id in $(pods tasks); do ctr -n k8s.io tasks rm -f "$id" >/dev/null 2>&1; done
    for id in $(pods containers); do ctr -n k8s.io containers rm "$id"; done
    rm -rf /var/lib/containerd/io.containerd.grpc.v1.cri/* /run/containerd/io.containerd.grpc.v1.cri/*
    for space in /run/netns/cni-*; do ip netns del "${space##*/}" 2>/dev/null; done
    # Its CRI part remembers what was there.
    systemctl restart containerd
  fi
fi

# Volumes, the deepest first. What cannot be unmounted is somebody's data: nothing below it is removed.
volumes=$(awk '$2 ~ "^/var/lib/kubelet(/|$)" { print $2 }' /proc/mounts | sort -r)
for place in $volumes; do
  echo "mount $place"
  if wiping && ! umount "$place"; then
    echo "$place cannot be unmounted: nothing was removed below /var/lib/kubelet" >&2
    exit 1
  fi
done

for place in /etc/kubernetes /etc/kube-flannel /etc/cni/net.d/10-flannel.conflist /opt/kplay /run/flannel /var/etcd/data /var/lib/cni /var/lib/kubelet \
  /var/log/containers /var/log/pods; do
  [ -e "$place" ] || continue
  echo "path $place"
  if wiping; then rm -rf "$place"; fi
done

for name in cni0 flannel.1; do
  [ -e "/sys/class/net/$name" ] || continue
  echo "interface $name"
  if wiping; then ip link del "$name"; fi
done

ours='KUBE-|FLANNEL-|CNI-|flanneld '
for tables in iptables ip6tables; do
  "$tables-save" 2>/dev/null | grep -qE "$ours" || continue
  echo "rules $tables"
  if wiping; then "$tables-save" | grep -vE "$ours" | "$tables-restore"; fi
done
exit 0

#!/bin/sh
# look.sh ADDRESS INTERFACE: what a host is like, a line a fact.
echo "clock=$(date +%s)"
echo "swap=$(awk 'NR > 1' /proc/swaps | wc -l | tr -d ' ')"
echo "free_mb=$(df -Pk /var | awk 'END { print int($4 / 1024) }')"
# Its own network reaches the address without a router; one that the host holds itself is its own.
case $(ip -4 route get "$1" 2>&1) in
  *" via "*) echo route=router ;;
  local*) echo route=link ;;
  *" dev $2 "*) echo route=link ;;
  *) echo route=none ;;
esac
# A listening socket is in state 0A (proc(5)); its port is written in hexadecimal.
printf ports=
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '$4 == "0A" { n = split($2, part, ":"); print part[n] }' | sort -u |
  while read -r port; do printf '%d,' "0x$port"; done
echo
if [ -d /var/etcd/data/member ]; then echo etcd_data=yes; else echo etcd_data=no; fi
if [ -d /var/etcd/data/member ] || [ -e /etc/kubernetes/kubelet.conf ]; then echo member=yes; else echo member=no; fi

# etcd, the load balancer with its address, and the control plane. $I is the master's number.
set -e
run() { # NAME IMAGE OPTIONS COMMAND
  local name=$1
  shift
  docker run -d --name "$name" --restart=always --net=host -v /etc/kubernetes:/etc/kubernetes:ro "$@"
}
me=$network.1$I
peers=h1=http://${network}.11:2380,h2=http://${network}.12:2380,h3=http://${network}.13:2380
etcd=http://${network}.11:2379,http://${network}.12:2379,http://${network}.13:2379

run etcd -v /var/etcd/data:/var/etcd/data "$registry/root/etcd:3.5.35" etcd -name "h$I" -data-dir /var/etcd/data -listen-client-urls "http://$me:2379" \
  -advertise-client-urls "http://$me:2379" -listen-peer-urls "http://$me:2380" -initial-advertise-peer-urls "http://$me:2380" -initial-cluster "$peers"

cat >haproxy.cfg <<END
defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
frontend api
  bind :8443
  default_backend masters
backend masters
  option httpchk GET /readyz
  http-check expect status 200
  default-server check check-ssl verify none inter 1s fall 2 rise 2
  server h1 $network.11:6443
  server h2 $network.12:6443
  server h3 $network.13:6443
frontend alive
  mode http
  bind 127.0.0.1:8404
  monitor-uri /alive
END
cat >keepalived.conf <<END
global_defs {
  script_user root
}
vrrp_script alive {
  script "/bin/busybox wget -q -O /dev/null http://127.0.0.1:8404/alive"
  interval 1
}
vrrp_instance api {
  state BACKUP
  interface host0
  virtual_router_id 51
  priority 10$I
  advert_int 1
  virtual_ipaddress {
    $vip/32
  }
  track_script {
    alive
  }
}
END
run haproxy "$registry/root/haproxy:2.6.12" haproxy -W -db -f /etc/kubernetes/haproxy.cfg
run keepalived --cap-add NET_ADMIN --cap-add NET_RAW --cap-add NET_BROADCAST "$registry/root/keepalived:2.2.7" \
  keepalived --dont-fork --log-console --vrrp -f /etc/kubernetes/keepalived.conf

run kube-apiserver "$kubernetes" kube-apiserver --advertise-address="$me" --secure-port=6443 --etcd-servers="$etcd" --client-ca-file="$pki/ca.crt" \
  --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" --kubelet-certificate-authority="$pki/ca.crt" \
  --kubelet-client-certificate="$pki/apiserver-kubelet-client.crt" --kubelet-client-key="$pki/apiserver-kubelet-client.key" \
  --kubelet-preferred-address-types=InternalIP --service-account-issuer=https://kubernetes.default.svc.cluster.local \
  --service-account-key-file="$pki/sa.pub" --service-account-signing-key-file="$pki/sa.key" --service-cluster-ip-range=10.96.0.0/16 \
  --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true
run kube-controller-manager "$kubernetes" kube-controller-manager --kubeconfig="$pki/controller-manager.conf" --root-ca-file="$pki/ca.crt" \
  --service-account-private-key-file="$pki/sa.key" --use-service-account-credentials --allocate-node-cidrs --cluster-cidr=10.244.0.0/16 \
  --service-cluster-ip-range=10.96.0.0/16 --leader-elect
run kube-scheduler "$kubernetes" kube-scheduler --kubeconfig="$pki/scheduler.conf" --leader-elect

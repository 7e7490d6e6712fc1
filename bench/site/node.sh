# The kubelet, kube-proxy and flannel; ends when flannel has the node's part of the network. $I is the host's number.
set -e
mkdir -p /var/lib/kubelet /var/log/pods /var/log/containers /run/flannel /etc/kube-flannel
cat >kubelet.yaml <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $pki/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: $pki/kubelet-$I.crt
tlsPrivateKeyFile: $pki/kubelet-$I.key
clusterDNS: [10.96.0.10]
clusterDomain: cluster.local
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupDriver: cgroupfs
failSwapOn: false
localStorageCapacityIsolation: false
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 50Mi, nodefs.available: 1%, imagefs.available: 1%}
END
cat >kube-proxy.yaml <<END
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {kubeconfig: $pki/kube-proxy.conf}
mode: iptables
clusterCIDR: 10.244.0.0/16
hostnameOverride: h$I
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
oomScoreAdj: 0
END
echo '{"Network": "10.244.0.0/16", "Backend": {"Type": "vxlan", "Port": 8472}}' >/etc/kube-flannel/net-conf.json

run() { # NAME OPTIONS IMAGE COMMAND
  local name=$1
  shift
  docker run -d --name "$name" --restart=always --privileged --net=host -v /etc/kubernetes:/etc/kubernetes:ro "$@"
}
run kubelet --pid=host --cgroupns=host -v /:/rootfs:ro,rslave -v /sys:/sys -v /dev:/dev -v /run:/run -v /etc/machine-id:/etc/machine-id:ro \
  -v /etc/os-release:/etc/os-release:ro -v /etc/cni:/etc/cni:ro -v /var/lib/containerd:/var/lib/containerd -v /var/log/pods:/var/log/pods \
  -v /var/log/containers:/var/log/containers -v /var/lib/kubelet:/var/lib/kubelet:rshared "$kubernetes" \
  kubelet --config=/etc/kubernetes/kubelet.yaml --kubeconfig="$pki/kubelet-$I.conf" --hostname-override="h$I" --node-ip="$network.1$I"
run kube-proxy -v /lib/modules:/lib/modules:ro "$kubernetes" kube-proxy --config=/etc/kubernetes/kube-proxy.yaml
run flannel -e "NODE_NAME=h$I" -v /run/flannel:/run/flannel -v /etc/kube-flannel:/etc/kube-flannel:ro "$registry/root/flannel:0.26.7" \
  flanneld --kube-subnet-mgr --kubeconfig-file="$pki/flannel.conf" --ip-masq --iface=host0

for i in $(seq 1500); do
  [ -f /run/flannel/subnet.env ] && break
  sleep 0.2
done
. /run/flannel/subnet.env
cat >/etc/cni/net.d/10-flannel.conflist <<END
{"cniVersion": "0.4.0", "name": "cbr0", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true, "mtu": $FLANNEL_MTU,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "${FLANNEL_SUBNET%.1/*}.0/${FLANNEL_SUBNET#*/}"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
END

# certificates.sh FOLDER NETWORK: one authority, what it issues, and kubeconfigs, into FOLDER.
set -e
cd "$1"
network=$2
printf '[req]\ndistinguished_name=dn\n[dn]\n' >openssl.cnf

certificate() { # FILE SUBJECT OPTIONS
  local file=$1 subject=$2
  shift 2
  openssl req -x509 -config openssl.cnf -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$file.key" -out "$file.crt" -subj "$subject" \
    -days 365 "$@" 2>>log || { cat log >&2; return 1; }
}
leaf() { # FILE SUBJECT [NAMES]
  certificate "$1" "$2" -CA ca.crt -CAkey ca.key -addext keyUsage=digitalSignature -addext extendedKeyUsage=serverAuth,clientAuth \
    ${3:+-addext "subjectAltName=$3"} &
  issuing+=($!)
}
kubeconfig() { # FILE
  cat >"$1.conf" <<END
apiVersion: v1
kind: Config
clusters: [{name: site, cluster: {server: 'https://$network.100:8443', certificate-authority: /etc/kubernetes/pki/ca.crt}}]
users: [{name: $1, user: {client-certificate: /etc/kubernetes/pki/$1.crt, client-key: /etc/kubernetes/pki/$1.key}}]
contexts: [{name: site, context: {cluster: site, user: $1}}]
current-context: site
END
}

certificate ca /CN=kubernetes -addext basicConstraints=critical,CA:TRUE -addext keyUsage=keyCertSign,cRLSign
names=DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,IP:127.0.0.1,IP:10.96.0.1
leaf apiserver /CN=kube-apiserver "$names,IP:$network.100,IP:$network.11,IP:$network.12,IP:$network.13"
leaf apiserver-kubelet-client /CN=kube-apiserver-kubelet-client
leaf admin /O=system:masters/CN=admin
leaf controller-manager /CN=system:kube-controller-manager
leaf scheduler /CN=system:kube-scheduler
leaf kube-proxy /CN=system:kube-proxy
leaf flannel /CN=flannel
for i in 1 2 3 4 5 6; do leaf "kubelet-$i" "/O=system:nodes/CN=system:node:h$i" "DNS:h$i,IP:$network.1$i"; done
for file in admin controller-manager scheduler kube-proxy flannel kubelet-{1..6}; do kubeconfig "$file"; done
openssl genrsa -out sa.key 2048 2>>log
openssl rsa -in sa.key -pubout -out sa.pub 2>>log
for pid in "${issuing[@]}"; do wait "$pid"; done

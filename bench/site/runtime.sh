# Docker and containerd that pull from the registry, and the network plugins.
set -e
mkdir -p /etc/docker "/etc/containerd/certs.d/$registry" /etc/cni/net.d /opt/cni/bin
echo "{\"insecure-registries\": [\"$registry\"]}" >/etc/docker/daemon.json
printf '[host."http://%s"]\n  capabilities = ["pull", "resolve"]\n' "$registry" >"/etc/containerd/certs.d/$registry/hosts.toml"
cat >/etc/containerd/config.toml <<END
version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$registry/root/pause:3.10"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "/etc/containerd/certs.d"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/opt/cni/bin"
    conf_dir = "/etc/cni/net.d"
END
systemctl -q enable containerd docker
systemctl restart containerd docker
docker run --rm -v /opt/cni/bin:/into "$registry/root/cni-plugins:1.1.1" cp -a /usr/lib/cni/. /into/

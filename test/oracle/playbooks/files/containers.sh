# Prints what containers are like, one line a property: of each that there is of those named.
for name; do
  docker container inspect --format '{{.Name}} {{.State.Status}} restart={{or .HostConfig.RestartPolicy.Name "no"}}:{{.HostConfig.RestartPolicy.MaximumRetryCount}}
{{- range .Config.Env}}
env {{.}}{{end}}{{range $key, $value := .Config.Labels}}
label {{$key}}={{$value}}{{end}}{{range .HostConfig.Binds}}
bind {{.}}{{end}}{{range .Mounts}}
mount {{.Type}} {{.Destination}} {{.RW}}{{end}}{{range .HostConfig.CapAdd}}
capability {{.}}{{end}}
image {{.Config.Image}}
command {{json .Config.Cmd}} entrypoint {{json .Config.Entrypoint}}
network {{.HostConfig.NetworkMode}}{{with .HostConfig.PortBindings}} ports {{json .}}{{end}}{{with .HostConfig.Dns}} dns {{json .}}{{end}}
user {{.Config.User}} folder {{.Config.WorkingDir}} memory {{.HostConfig.Memory}} read-only {{.HostConfig.ReadonlyRootfs}}
stop after {{json .Config.StopTimeout}} privileged {{.HostConfig.Privileged}} remove {{.HostConfig.AutoRemove}} log {{.HostConfig.LogConfig.Type}}
' "$name" 2>/dev/null | LC_ALL=C sort
done

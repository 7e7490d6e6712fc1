#!/bin/sh
# Makes dist: what does the work, with all its libraries, in one file that is named for what is in it, and two small programs that load it. Run by npm,
# which knows esbuild.
set -eu
cd "$(dirname "$0")/../.."
rm -rf dist

bundle() {
  esbuild "$@" --bundle --platform=node --target=node22.18 --outdir=dist/cli --log-level=warning
}
# ssh2 and nunjucks do without what is external here: native code, which not every Node.js can load, and a watcher of files.
bundle src/cli/whole.ts --format=cjs --entry-names='[name]-[hash]' --out-extension:.js=.cjs \
  --external:'*.node' --external:cpu-features --external:chokidar --alias:yaml=./node_modules/yaml/browser/index.js \
  --define:import.meta.dirname=__dirname --define:import.meta.filename=__filename --define:import.meta.url=__filename
whole=$(basename dist/cli/whole-*.cjs)
bundle src/cli/main.ts src/cli/keeper.ts --format=esm --splitting --external:./whole.ts "--define:WHOLE=\"$whole\""

cp src/lab/kubernetes/*.go dist/cli
bundle src/cli/write-help.ts --format=esm --packages=external
node dist/cli/write-help.js
rm dist/cli/write-help.js

#!/usr/bin/env bash
# For maintainers, with Node: fetches what the screens are made with and renews what is committed of it.
#   web/vendor.sh          renews vendor/lit.js and its licence
#   web/vendor.sh check    type-checks src with tsc
# Nobody else needs Node: `go generate ./web` bundles src against vendor/lit.js.
set -euo pipefail
cd "$(dirname "$0")"
lit=3.3.3 typescript=7.0.2

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
(cd "$scratch" && echo '{"private":true}' >package.json &&
	npm install --silent --no-audit --no-fund "lit@$lit" "typescript@$typescript")

if [ "${1:-}" = check ]; then
	cp tsconfig.json "$scratch/"
	ln -s "$PWD/src" "$scratch/src"
	cd "$scratch"
	npx tsc --project . --preserveSymlinks
	echo "types are fine"
	exit
fi
go run ./build -vendor "$scratch/node_modules"

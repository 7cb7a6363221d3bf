#!/usr/bin/env bash
# Builds the image of one program, pushes it, and prints its reference by digest. Log in to the registry first (skopeo login).
#   push-image.sh training|scoring cpu|gpu REGISTRY[/PATH] BILLS [OPTION OF dotnet publish...]
# The bill of materials, which the image holds, too, is written to folder BILLS. The tag is the commit, for people to find: what is
# deployed is named by digest.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)

usage() { echo "usage: push-image.sh training|scoring cpu|gpu REGISTRY[/PATH] BILLS [OPTION OF dotnet publish...]" >&2; exit 2; }

[ $# -ge 4 ] || usage
program=$1 flavour=$2 prefix=$3 bills=$4
shift 4
case $program in training) folder=training ;; scoring) folder=serving ;; *) usage ;; esac
case $flavour in cpu) repository=$prefix/reco-$program ;; gpu) repository=$prefix/reco-$program-gpu; set -- -p:Gpu=true "$@" ;; *) usage ;; esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tag=$(git -C "$root" rev-parse --short=12 HEAD)
SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct)
export SOURCE_DATE_EPOCH
if [ "$program-$flavour" = training-gpu ]; then
  # libtorch for CUDA makes a layer of more than 2 GB, which is not packed anew to make it reproducible.
  set -- -t:PublishContainer "-p:ContainerArchiveOutputPath=$work/image.tar" "$@"
else
  set -- -t:PublishImage "-p:ImageArchive=$work/image.tar" "$@"
fi
dotnet publish "$root/$folder" -c Release "-p:PublishDir=$work/app/" "-p:ContainerImageTag=$tag" "$@" >&2
mkdir -p "$bills"
cp "$work/app/bom.cdx.json" "$bills/$program-$flavour.cdx.json"
# What is read is what was built a moment ago: there is no signature to look for.
skopeo copy --insecure-policy --preserve-digests --digestfile "$work/digest" "oci-archive:$work/image.tar" "docker://$repository:$tag" >&2
printf '%s@%s\n' "$repository" "$(cat "$work/digest")"

#!/usr/bin/env bash
# Builds the image of one program, pushes it, and prints its reference by digest. Log in to the registry first (skopeo login).
#   push-image.sh training|scoring cpu|gpu REGISTRY[/PATH] BILLS [OPTION OF dotnet publish...]
# The bill of materials, which the image holds, too, is written to folder BILLS. The tag names the sources: what was built of them
# already is not built again, because a new digest would train and roll out anew. REBUILD=true builds all the same, on a base that may
# have been patched.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)

usage() { echo "usage: push-image.sh training|scoring cpu|gpu REGISTRY[/PATH] BILLS [OPTION OF dotnet publish...]" >&2; exit 2; }

[ $# -ge 4 ] || usage
program=$1 flavour=$2 prefix=$3 bills=$4
shift 4
sources=(infra/CompileAhead.targets infra/LocalImage.targets Directory.Build.props Directory.Packages.props global.json)
case $program in training) folder=training sources+=(training serving/Image) ;; scoring) folder=serving sources+=(serving training/Bundle) ;; *) usage ;; esac
case $flavour in cpu) repository=$prefix/reco-$program ;; gpu) repository=$prefix/reco-$program-gpu; set -- -p:Gpu=true "$@" ;; *) usage ;; esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tag=$(cd "$root" && git ls-tree HEAD -- "${sources[@]}" | sha256sum | head -c 16)
if [ "${REBUILD:-}" != true ] && digest=$(skopeo inspect --format '{{.Digest}}' "docker://$repository:$tag" 2>/dev/null); then
  echo "push-image.sh: $repository:$tag is there" >&2
  printf '%s@%s\n' "$repository" "$digest"
  exit
fi

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

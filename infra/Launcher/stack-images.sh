#!/usr/bin/env bash
# Says which of the images that a pipeline has pushed a stack takes: one line KEY REFERENCE for each, from the settings of the stack.
#   TRAINING_CPU=... TRAINING_GPU=... SCORING_CPU=... SCORING_GPU=... stack-images.sh STACK
# References by digest; where there is none, the stack keeps the image that its settings name.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)
settings=$root/Pulumi.${1:?usage: stack-images.sh STACK}.yaml
[ -f "$settings" ] || { echo "stack-images.sh: there is no $settings" >&2; exit 2; }

# choose KEY KEY-OF-GPUS CPU-IMAGE GPU-IMAGE
choose() {
  local gpus image=$3
  gpus=$(sed -n "s/^ *reco:$2: *[\"']\{0,1\}\([0-9]*\).*/\1/p" "$settings")
  [ "${gpus:-0}" = 0 ] || image=$4
  [ -n "$image" ] || return 0
  [[ $image =~ ^[a-z0-9][a-z0-9./:_-]*@sha256:[0-9a-f]{64}$ ]] || { echo "stack-images.sh: $image is no reference by digest" >&2; exit 1; }
  echo "reco:$1 $image"
}

choose trainingImage trainingGpus "${TRAINING_CPU:-}" "${TRAINING_GPU:-}"
choose scoringImage scoringGpus "${SCORING_CPU:-}" "${SCORING_GPU:-}"

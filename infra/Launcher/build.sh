# build_if_stale ROOT: builds what `reco` runs (infra/Reco.Run.slnf) where a source is newer than the last build.
# One builder at a time; the log is shown only where the build fails. Sourced after setup.sh.
build_if_stale() {
  local root=$1 stamp="$1/infra/Engine/obj/reco.built" log
  is_built "$root" "$stamp" && return 0
  mkdir -p "$(dirname "$stamp")"
  exec 9>"$stamp.lock"
  flock 9
  if ! is_built "$root" "$stamp"; then
    log=$(mktemp)
    say "building (once; about a minute on a new machine) ..."
    touch "$stamp.started"
    if ! dotnet build -c Release -v quiet "$root/infra/Reco.Run.slnf" >"$log" 2>&1; then
      grep -E 'error|warn' "$log" | sort -u | head -n 20 >&2 || tail -n 20 "$log" >&2
      rm -f "$log"
      fail "the build failed; see the messages above (full log: dotnet build -c Release Reco.sln)."
    fi
    rm -f "$log"
    # A source that changed while it was built counts as newer.
    mv "$stamp.started" "$stamp"
  fi
  flock -u 9
  exec 9>&-
}

is_built() {
  [ -f "$2" ] && [ -f "$1/infra/Engine/bin/Release/net10.0/reco.dll" ] && [ -z "$(
    find "$1/infra" "$1/training" "$1/serving" "$1/Directory.Build.props" "$1/Directory.Packages.props" "$1/global.json" \
      \( -name bin -o -name obj -o -name node_modules \) -prune -o -type f -newer "$2" -print -quit)" ]
}

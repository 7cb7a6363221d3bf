# Checks of the machine for ./reco and ./test: what is missing is installed (root on Debian or Ubuntu),
# or one line says what to install. Sourced; sets nothing but functions.

fail() { printf 'reco: %s\n' "$*" >&2; exit 1; }
say() { printf 'reco: %s\n' "$*" >&2; }

can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# apt_install PACKAGE...: quietly, with the log shown only where it fails.
apt_install() {
  local log; log=$(mktemp)
  say "installing $* ..."
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >"$log" 2>&1 \
    || { tail -n 20 "$log" >&2; rm -f "$log"; fail "apt-get could not install $*; install it and run the command again."; }
  rm -f "$log"
}

need_dotnet() {
  command -v dotnet >/dev/null || fail "the .NET 10 SDK is missing; install it from https://dotnet.microsoft.com/download."
  dotnet --list-sdks | grep -q '^10\.' || fail "the .NET 10 SDK is missing (found: $(dotnet --list-sdks | cut -d' ' -f1 | paste -sd' ')); install it from https://dotnet.microsoft.com/download."
  export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
}

need_node() {
  local major=0
  command -v node >/dev/null && major=$(node -p 'process.versions.node.split(".")[0]')
  if [ "$major" -lt 18 ] || ! command -v npm >/dev/null; then
    can_install || fail "the conformance tests need Node.js 18 or later with npm; install them and run the command again."
    apt_install nodejs npm
  fi
}

# The tests of distributed training start real MPI processes.
need_mpi() {
  command -v mpirun >/dev/null && return 0
  can_install || fail "the tests of distributed training need Open MPI; install openmpi-bin and libopenmpi3 and run the command again."
  apt_install openmpi-bin libopenmpi3
}

# The test of the service's image publishes to a registry on this machine. Without these it is skipped.
want_image_tools() {
  command -v docker-registry >/dev/null && command -v skopeo >/dev/null && return 0
  can_install && grep -qs '^ID=debian' /etc/os-release || return 0
  # Only the program is wanted, not a registry that runs from now on.
  ! command -v systemctl >/dev/null || systemctl mask --quiet docker-registry.service 2>/dev/null || true
  (apt_install docker-registry skopeo) || say "the test of the service's image is skipped"
}

# The test of the service's page looks at it in a real browser. Without one it is skipped.
want_browser() {
  for program in chromium chromium-browser google-chrome; do
    if command -v "$program" >/dev/null; then return 0; fi
  done
  can_install && grep -qs '^ID=debian' /etc/os-release || return 0
  (apt_install chromium) || say "the test of the service's page is skipped"
}

# The test of the alert rules runs them in promtool, which Debian 12 has in the package of Prometheus. Without it that test is skipped.
want_promtool() {
  command -v promtool >/dev/null && return 0
  can_install && grep -qs '^ID=debian' /etc/os-release || return 0
  # Only the program is wanted, not a Prometheus that runs from now on.
  ! command -v systemctl >/dev/null || systemctl mask --quiet prometheus.service 2>/dev/null || true
  (apt_install prometheus) || say "the test of the alert rules is skipped"
}

# libtorch is linked against the C++ library of GCC 13 or later (GLIBCXX_3.4.32).
libstdcxx_is_new_enough() {
  local library
  library=$(ldconfig -p 2>/dev/null | awk '/libstdc\+\+\.so\.6 .*x86-64/ { print $NF; exit }')
  [ -n "$library" ] && grep -aq 'GLIBCXX_3\.4\.32' "$library"
}

need_libstdcxx() {
  [ "$(uname -s)" = Linux ] || return 0
  libstdcxx_is_new_enough && return 0
  if ! can_install || ! grep -qs 'VERSION_CODENAME=bookworm' /etc/os-release; then
    fail "training needs libstdc++ of GCC 13 or later (GLIBCXX_3.4.32); install a newer libstdc++6 and run the command again."
  fi
  install_libstdcxx_from_trixie
  libstdcxx_is_new_enough || fail "libstdc++6 is still older than GCC 13's; install a newer one by hand and run the command again."
}

# LightGBM, of which the ranker's trees come, uses OpenMP's library of GCC. Without it training says so and goes on with
# the other kinds of ranker.
want_libgomp() {
  [ "$(uname -s)" = Linux ] || return 0
  ldconfig -p 2>/dev/null | grep -q 'libgomp\.so\.1 ' && return 0
  if can_install; then apt_install libgomp1; fi
}

# Debian 12 has GCC 12's. Debian 13's is taken from the machine's own mirror. It needs a newer libc6, and that moves the
# packages built from the same sources with it; the pin keeps every other package where it is, now and in later upgrades.
install_libstdcxx_from_trixie() {
  local mirror family
  mirror=$(sed -n 's/^URIs: *\([^ ]*\/debian\)\/\{0,1\} *$/\1/p' /etc/apt/sources.list.d/*.sources 2>/dev/null | head -n 1)
  [ -n "$mirror" ] || mirror=$(sed -n 's/^deb .*\(https\{0,1\}:[^ ]*\/debian\)\/\{0,1\} .*/\1/p' /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | head -n 1)
  [ -n "$mirror" ] || fail "training needs libstdc++ of GCC 13 or later, and this machine's Debian mirror was not found; install libstdc++6 of Debian 13."
  printf 'Types: deb\nURIs: %s\nSuites: trixie\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' "$mirror" \
    >/etc/apt/sources.list.d/reco-trixie.sources
  printf 'Package: *\nPin: release n=trixie\nPin-Priority: 50\n' >/etc/apt/preferences.d/reco-trixie
  # shellcheck disable=SC2016
  family=$(dpkg-query -W -f '${Package} ${source:Package} ${db:Status-Status}\n' \
    | awk '($2 == "glibc" || $2 == "dpkg") && $3 == "installed" { print $1 "/trixie" }' | sort -u)
  # shellcheck disable=SC2086
  apt_install -o Dpkg::Options::=--force-confold libstdc++6/trixie base-files/trixie $family
}

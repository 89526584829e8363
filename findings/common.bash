# Sourced by each finding: a temporary folder, pinned packages in it, and the comparison.
# A finding prints the tested versions and the observed behaviour, and exits with 1 when that
# behaviour differs from the recorded one.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME=$work LC_ALL=C.UTF-8 PYTHONWARNINGS=ignore

# from_pypi NAME==VERSION...: installed in a virtual environment; `python` and the packages'
# commands are on the PATH from then on.
from_pypi() {
  echo "PyPI: $*"
  python3 -m venv python
  python/bin/pip install --quiet --disable-pip-version-check "$@" 2>pip.log ||
    { cat pip.log >&2; exit 2; }
  PATH=$work/python/bin:$PATH
}

# from_npm NAME@VERSION...: installed beside the script's own files.
from_npm() {
  echo "npm: $* (Node.js $(node --version))"
  npm install --silent --no-audit --no-fund --prefix "$work" "$@" >npm.log 2>&1 ||
    { cat npm.log >&2; exit 2; }
}

# from_debian NAME VERSION...: installed when it is missing; says when the version is another.
from_debian() {
  local version
  while [ $# -gt 0 ]; do
    if ! version=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || [ -z "$version" ]; then
      local root=()
      [ "$(id -u)" = 0 ] || root=(sudo)
      { "${root[@]}" apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq \
          --no-install-recommends "$1"; } >apt.log 2>&1 || { cat apt.log >&2; exit 2; }
      version=$(dpkg-query -W -f '${Version}' "$1")
    fi
    echo "Debian: $1 $version"
    [ "$version" = "$2" ] || echo "  (found with $2)"
    shift 2
  done
}

# serve FOLDER: the folder over HTTP on loopback, at $url, until the script ends.
serve() {
  : >server.log
  python3 -u -m http.server 0 --bind 127.0.0.1 --directory "$1" >server.log 2>&1 &
  trap 'kill '$!'; rm -rf "$work"' EXIT
  until url=$(grep -o 'http://[0-9.:]*' server.log); do sleep 0.1; done
}

# expect <<END: what the file `seen` holds, line by line.
expect() {
  cat seen
  if diff -u --label recorded --label seen - seen >difference; then
    echo "as recorded"
  else
    cat difference
    echo "changed: $(basename "$0") no longer holds as recorded" >&2
    exit 1
  fi
}

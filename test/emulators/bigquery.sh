#!/usr/bin/env bash
# Makes the virtual environment of the BigQuery emulator, which test/support/bigquery-server.ts starts:
# .cache/bigquery-emulator (half a minute the first time, nothing to do afterwards).
set -euo pipefail

# DuckDB is held below what the emulator declares: the wheels with its extensions end there, and without them it would have
# to download them when it starts.
duckdb=1.5.5
packages=('local-bigquery==0.4.0')
pinned=("duckdb==$duckdb" "duckdb-extensions==$duckdb" "duckdb-extension-icu==$duckdb" "duckdb-extension-ducklake==$duckdb" "duckdb-extension-spatial==$duckdb")

root=$(cd "$(dirname "$0")/../.." && pwd)
environment="$root/.cache/bigquery-emulator"
# Written last: an environment without it was never finished.
stamp="$environment/packages.txt"

if [[ -f "$stamp" && "$(<"$stamp")" == "${packages[*]} ${pinned[*]}" ]]; then
  echo "BigQuery emulator: $environment is ready"
  exit 0
fi

# A name on PATH may be a shim that has no such version behind it, so each is asked; pyenv has versions beside PATH.
python=
for candidate in python3.13 python3.14 python3 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[3-9]*/bin/python3; do
  if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] < (3, 13))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
if [[ -z "$python" ]]; then
  echo "BigQuery emulator: needs Python 3.13 or later with venv (python3.13 or python3.14 on PATH, or in pyenv); none was found" >&2
  exit 1
fi

echo "BigQuery emulator: installing ${packages[*]} into $environment"
rm -rf "$environment"
"$python" -m venv "$environment"
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check "${packages[@]}"
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps "${pinned[@]}"
# DuckDB keeps its extensions under the home folder.
mkdir -p "$environment/home"
HOME="$environment/home" "$environment/bin/python" -c 'from duckdb_extensions import import_extension as add; add("icu"); add("ducklake"); add("spatial")'
echo "${packages[*]} ${pinned[*]}" > "$stamp"
echo "BigQuery emulator: $environment is ready"

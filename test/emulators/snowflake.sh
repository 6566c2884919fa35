#!/usr/bin/env bash
# Makes the virtual environment of the Snowflake emulator, which test/support/snowflake-server.ts starts:
# .cache/snowflake-emulator (360 MB, some minutes the first time, nothing to do afterwards).
set -euo pipefail

packages=('fakesnow[server]==0.12.1' 'snowflake-connector-python<5')

root=$(cd "$(dirname "$0")/../.." && pwd)
environment="$root/.cache/snowflake-emulator"
# Written last: an environment without it was never finished.
stamp="$environment/packages.txt"

if [[ -f "$stamp" && "$(<"$stamp")" == "${packages[*]}" ]]; then
  echo "Snowflake emulator: $environment is ready"
  exit 0
fi

# A name on PATH may be a shim that has no such version behind it, so each is asked.
python=
for candidate in python3.11 python3.12 python3; do
  if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
if [[ -z "$python" ]]; then
  echo "Snowflake emulator: needs Python 3.11 or 3.12 with venv (python3.11 or python3.12 on PATH); none was found" >&2
  exit 1
fi

echo "Snowflake emulator: installing ${packages[*]} into $environment"
rm -rf "$environment"
"$python" -m venv "$environment"
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check "${packages[@]}"
echo "${packages[*]}" > "$stamp"
echo "Snowflake emulator: $environment is ready"

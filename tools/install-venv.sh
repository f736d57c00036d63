#!/bin/sh
# Make a virtual environment where Debian keeps the module for that in a package of its own.
set -eu
python=$1 folder=$2
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing python3-venv with apt-get"
  apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
  "$python" -m venv "$folder"
else
  echo "$python cannot make virtual environments; as root, type: apt-get install python3-venv" >&2
  exit 1
fi

#!/bin/sh
# Debian's packages that the suite needs and pip does not have: a browser, and a font for it.
set -eu
command -v chromium >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing chromium, in which the suite looks at pages"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    chromium fonts-dejavu-core >/dev/null
else
  echo "the suite looks at pages in chromium: install it, on Debian with: sudo apt-get install chromium"
  exit 1
fi

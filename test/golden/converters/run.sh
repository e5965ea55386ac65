#!/bin/sh
# Records the golden file anew: cases.ts makes the cases, Recorder.java runs them through Java Connect 4.3.0.
# Needs a JDK 17 or later and Maven; jars are kept in ~/.cache/sluice/connect-recorder.
set -e
here=$(cd "$(dirname "$0")" && pwd)
cache="$HOME/.cache/sluice/connect-recorder"
mkdir -p "$cache"
if [ ! -d "$cache/lib" ]; then
  cp "$here/pom.xml" "$cache/pom.xml"
  (cd "$cache" && mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib)
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
node "$here/cases.ts" > "$work/cases.json"
javac -cp "$cache/lib/*" -nowarn -Xlint:-deprecation -d "$work" "$here/Recorder.java"
java -Duser.timezone=UTC -cp "$work:$cache/lib/*" Recorder "$work/cases.json" "$here/golden.json" 2> "$work/log" || { head -20 "$work/log" >&2; exit 1; }
echo "recorded $(grep -c '"kind"' "$here/golden.json") cases"

#!/bin/sh
# Install the tools that some tests hold us against, where this machine can: Prism (a mock server
# made from OpenAI's own API description), the test vectors of the age format and its implementation
# in TypeScript (the only one here that has the post-quantum kind) by npm into .tools/,
# age, faketime and mkfs.xfs by apt-get when we are root.
# A tool that cannot be had is said, and the tests that need it skip with that word.
set -u

if command -v npm >/dev/null 2>&1; then
    if [ ! -x .tools/node_modules/.bin/prism ]; then
        npm install --silent --no-audit --no-fund --prefix .tools @stoplight/prism-cli@5 >/dev/null 2>&1 \
            || echo "prism could not be installed; the conformance tests will skip"
    fi
    if [ ! -f .tools/node_modules/cctv-age/index.js ]; then
        npm install --silent --no-audit --no-fund --prefix .tools cctv-age@0.2.0 >/dev/null 2>&1 \
            || echo "cctv-age could not be installed; the tests of the age vectors will skip"
    fi
    if [ ! -f .tools/node_modules/age-encryption/dist/index.js ]; then
        npm install --silent --no-audit --no-fund --prefix .tools age-encryption@0.3.1 >/dev/null 2>&1 \
            || echo "age-encryption could not be installed; its tests will skip"
    fi
else
    echo "npm is not here; the Prism conformance tests and those of age-encryption and the age vectors will skip"
fi

missing=""
for tool in age faketime; do
    command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"
done
command -v mkfs.xfs >/dev/null 2>&1 || missing="$missing xfsprogs"
if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        { apt-get update -qq && apt-get install -y -qq $missing; } >/dev/null 2>&1 \
            || echo "could not be installed:$missing; the tests that need them will skip"
    else
        echo "not here:$missing; the tests that need them will skip"
    fi
fi
exit 0

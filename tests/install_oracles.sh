#!/bin/sh
# Install the tools that some tests hold us against, where this machine can: Prism (a mock server
# made from OpenAI's own API description) by npm into .tools/, and age by apt-get when we are root.
# A tool that cannot be had is said, and the tests that need it skip with that word.
set -u

if command -v npm >/dev/null 2>&1; then
    if [ ! -x .tools/node_modules/.bin/prism ]; then
        npm install --silent --no-audit --no-fund --prefix .tools @stoplight/prism-cli@5 >/dev/null 2>&1 \
            || echo "prism could not be installed; the conformance tests will skip"
    fi
else
    echo "npm is not here; the Prism conformance tests will skip"
fi

if ! command -v age >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        { apt-get update -qq && apt-get install -y -qq age; } >/dev/null 2>&1 \
            || echo "age could not be installed; the tests against it will skip"
    else
        echo "age is not here; the tests against it will skip"
    fi
fi
exit 0

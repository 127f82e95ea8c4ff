"""`python -m gatekeeper`."""

from gatekeeper.cli import run

if __name__ == "__main__":
    run()

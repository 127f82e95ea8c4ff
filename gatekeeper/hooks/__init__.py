"""Git hooks: what a commit would store, decided on before it is stored."""

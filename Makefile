# The tasks of the project. `make test` is all that a newcomer needs; `make check` is what has to pass before
# a change lands.

.PHONY: test check soak bench advisories setup setup-check

# Everything in its small size.
test: setup
	cargo test --workspace --locked

# The same in full: kills, frames and bytes by the thousand. Takes long.
soak: setup
	AIRWAY_TEST_SIZE=full cargo test --workspace --locked -- --nocapture --test-threads=1

# Airway beside plain libp2p and raw quinn, all in one run. About five minutes.
bench: setup
	cargo run --release --locked -p airway-interop-tests --bin bench

# Formatting, lints, documentation, dependencies.
check: setup setup-check
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked
	cargo deny --locked check bans licenses sources

# The advisory database lies on the network; this is apart so that the rest runs without it.
advisories: setup-check
	cargo deny check advisories

# A C compiler, for SQLite and for the cryptography of TLS.
setup:
	@command -v cc >/dev/null || { apt-get update && apt-get install --yes --no-install-recommends build-essential; }

setup-check:
	@cargo fmt --version >/dev/null 2>&1 || rustup component add rustfmt
	@cargo clippy --version >/dev/null 2>&1 || rustup component add clippy
	@cargo deny --version >/dev/null 2>&1 || cargo install cargo-deny --locked

# The tasks of the project. `make test` is all that a newcomer needs; `make check` is what has to pass before
# a change lands.

.PHONY: test check soak fuzz bench interop interop-all interop-bench events-bench polo-bench advisories setup setup-go setup-check fuzz-check check-go

# Everything in its small size.
test: setup setup-go
	cargo test --workspace --locked

# The same in full: kills, frames and bytes by the thousand. Takes long.
soak: setup setup-go
	AIRWAY_TEST_SIZE=full cargo test --workspace --locked -- --nocapture --test-threads=1

# Every decoder under libFuzzer for TIME seconds each, on a nightly toolchain; what it finds stays in target/fuzz.
TIME ?= 60
fuzz: setup fuzz-check
	cp Cargo.lock protocols/fuzz/Cargo.lock
	set -e; for target in $$(ls protocols/fuzz/corpus); do \
		mkdir -p target/fuzz/corpus/$$target; \
		cargo +nightly fuzz run --fuzz-dir protocols/fuzz --target-dir target/fuzz --sanitizer none $$target \
			target/fuzz/corpus/$$target protocols/fuzz/corpus/$$target -- -max_total_time=$(TIME) -max_len=8192; \
	done

# Airway beside plain libp2p and raw quinn, all in one run. About five minutes.
bench: setup
	cargo run --release --locked -p airway-interop-tests --bin bench

# Agents in Rust and in Go in every pairing: round trips, bytes and files, all in one run. About two minutes.
interop-bench: setup setup-go
	cargo build --release --locked -p airway-interop-tests --bin peer --bin interop_bench
	cargo run --release --locked -p airway-interop-tests --bin interop_bench

# Events of one publisher to 1, 10 and 100 subscribers, and beside some that have stalled. About five minutes.
events-bench: setup
	cargo run --release --locked -p airway-interop-tests --bin events_bench

# Personal scores over graphs of 10,000 edges, and what a thousand agents in it together can make of theirs.
polo-bench: setup
	AIRWAY_TEST_SIZE=full cargo test --release --locked -p airway-protocols --test polo -- --nocapture --test-threads=1

# Rust and Go, each protocol over each transport, each dialling the other; writes the table of interop-tests/README.md.
interop: setup setup-go
	cargo run --locked -p airway-interop-tests --bin matrix

# Contacts on js-libp2p and py-libp2p; says by name what is not installed, and writes their table there as well.
interop-all: setup
	cargo build --locked -p airway-interop-tests --bin peer
	cargo run --locked -p airway-interop-tests --bin others

# Formatting, lints, documentation, dependencies.
check: setup setup-check check-go
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked
	cargo deny --locked check bans licenses sources

# The same of the Go peer, and its own tests.
check-go: setup-go
	cd interop-tests/go-peer && test -z "$$(gofmt -l . | tee /dev/stderr)" && go vet ./... && go test ./...

# The advisory database lies on the network; this is apart so that the rest runs without it.
advisories: setup-check
	cargo deny check advisories

# A C compiler, for SQLite and for the cryptography of TLS; for the tests of the local API, programs that use it; for those
# with networks, what makes them, which takes root to use.
setup:
	@command -v cc >/dev/null || { apt-get update && apt-get install --yes --no-install-recommends build-essential; }
	@command -v curl >/dev/null || { apt-get update && apt-get install --yes --no-install-recommends curl; }
	@command -v python3 >/dev/null || { apt-get update && apt-get install --yes --no-install-recommends python3; }
	@PATH="$$PATH:/usr/sbin" command -v ip >/dev/null || { apt-get update && apt-get install --yes --no-install-recommends iproute2; }
	@PATH="$$PATH:/usr/sbin" command -v nft >/dev/null || { apt-get update && apt-get install --yes --no-install-recommends nftables; }

# Distributions have older ones. From 1.21 on, Go fetches the version that the module asks for.
setup-go:
	@command -v go >/dev/null || { \
		echo "needs Go 1.26 or newer: install it from https://go.dev/dl (the one of Debian is older)." \
			"Without it: cargo test --workspace --exclude airway-interop-tests" >&2; exit 1; }

setup-check:
	@cargo fmt --version >/dev/null 2>&1 || rustup component add rustfmt
	@cargo clippy --version >/dev/null 2>&1 || rustup component add clippy
	@cargo deny --version >/dev/null 2>&1 || cargo install cargo-deny --locked

fuzz-check:
	@cargo +nightly --version >/dev/null 2>&1 || rustup toolchain install nightly --profile minimal
	@cargo fuzz --version >/dev/null 2>&1 || cargo install cargo-fuzz --locked

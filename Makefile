# Northline's targets. Each installs what it needs on a fresh Debian machine.
.DEFAULT_GOAL := help
RUST_NEEDED := 1.95
RELEASE := $(or $(CARGO_TARGET_DIR),target)/release/northline
export CARGO_TERM_COLOR ?= auto

help: ## what each target does
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */  make \1\t/'

run: tools ## start a hotline on this machine, with a simulated advocate and vendor
	cargo run --quiet --locked --release --bin northline -- run --demo

demo: tools ## play one whole call, print its timeline, check who heard whom
	cargo run --quiet --locked --release --bin northline -- demo

test: tools peers ## everything CI runs
	tests/run

bench: peers release ## what calls and media cost here, against a bare loop; QUICK=1 for coarser figures
	@tests/install valgrind:valgrind
	cargo run --quiet --locked --release --package northline-bench -- \
		$(if $(QUICK),--quick) --northline "$(RELEASE)"

bench-peers: tools ## the same parties in Debian's Janus and in Northline, side by side
	@tests/install janus:janus taskset:util-linux
	cargo run --quiet --locked --release --package northline-bench -- $(if $(QUICK),--quick) --peers

check: tools ## formatting, lints, docs, licences and advisories
	cargo fmt --all --check
	cargo clippy --quiet --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --quiet --locked --workspace --no-deps
	tests/deny

install: $(if $(BINARY),,release) ## put binary, configuration, user and systemd unit on this machine
	@DESTDIR="$(DESTDIR)" crates/northline/deploy/install "$(or $(BINARY),$(RELEASE))"

uninstall: ## take binary and systemd unit away again, when running calls have finished
	@DESTDIR="$(DESTDIR)" crates/northline/deploy/uninstall

release: tools
	cargo build --quiet --locked --release --bin northline

tools: rust
	@tests/install cc:gcc ld:binutils

peers: rust
	@tests/install sipp:sip-tester baresip:baresip-core ip:iproute2 nft:nftables

rust:
	@tests/rust $(RUST_NEEDED)

.PHONY: help run demo test bench bench-peers check install uninstall release tools peers rust

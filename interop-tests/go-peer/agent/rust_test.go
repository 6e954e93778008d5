package agent

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// rustBin names the program of the Rust implementation, for the tests that put it at the other end.
const rustBin = "AIRWAY_BIN"

// rustAgent is a daemon of the Rust implementation.
type rustAgent struct {
	t         *testing.T
	bin, home string
}

// newRust starts a daemon in a home of its own.
func newRust(t *testing.T, name string, flags ...string) *rustAgent {
	t.Helper()
	bin := os.Getenv(rustBin)
	if bin == "" {
		t.Skipf("%s is not set: build the program with `cargo build -p airway`, and set it to target/debug/airway", rustBin)
	}
	r := &rustAgent{t: t, bin: bin, home: t.TempDir()}
	up := []string{"up", "--detach", "--name", name, "--listen", "/ip4/127.0.0.1/udp/0/quic-v1", "--listen", "/ip4/127.0.0.1/tcp/0"}
	r.do(append(up, flags...)...)
	t.Cleanup(func() {
		if out, err := r.try("down"); err != nil {
			t.Logf("%s: down: %v: %s", name, err, out)
		}
	})
	return r
}

// try runs a command, and returns what it prints.
func (r *rustAgent) try(arguments ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, r.bin, append([]string{"--home", r.home}, arguments...)...)
	var out, talk bytes.Buffer
	command.Stdout, command.Stderr = &out, &talk
	err := command.Run()
	if err != nil {
		return strings.TrimSpace(talk.String()), err
	}
	return strings.TrimSpace(out.String()), nil
}

// do runs a command that has to succeed.
func (r *rustAgent) do(arguments ...string) string {
	r.t.Helper()
	out, err := r.try(arguments...)
	if err != nil {
		r.t.Fatalf("airway %s: %v: %s", strings.Join(arguments, " "), err, out)
	}
	return out
}

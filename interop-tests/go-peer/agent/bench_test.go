package agent

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"
)

// Two agents in one process: for profiles. `make interop-bench` measures processes.
func newBenchPair(b *testing.B) (from, to *Agent) {
	b.Helper()
	var agents [2]*Agent
	for i := range agents {
		listen, err := QUIC.Listeners("127.0.0.1")
		if err != nil {
			b.Fatal(err)
		}
		if agents[i], err = Start(b.Context(), Config{Transport: QUIC, Listen: listen, Home: b.TempDir()}); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { agents[i].Close() })
	}
	introduce(agents[0], agents[1])
	return agents[0], agents[1]
}

func BenchmarkRun(b *testing.B) {
	const size = 64 << 20
	from, to := newBenchPair(b)
	b.SetBytes(size)
	for b.Loop() {
		if _, err := from.Perf(context.Background(), to.PeerID(), size, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFile(b *testing.B) {
	const size = 64 << 20
	from, to := newBenchPair(b)
	path := filepath.Join(b.TempDir(), "file")
	content := make([]byte, size)
	rand.Read(content)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size)
	for b.Loop() {
		if _, err := from.SendFile(context.Background(), to.PeerID(), path); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTrip(b *testing.B) {
	from, to := newBenchPair(b)
	if _, err := from.Trips(context.Background(), to.PeerID(), 64, b.N); err != nil {
		b.Fatal(err)
	}
}

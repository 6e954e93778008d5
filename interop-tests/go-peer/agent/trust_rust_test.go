package agent

import (
	"strings"
	"testing"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
)

// speak has each of the two reach the other.
func (r *rustAgent) speak(t *testing.T, name string, a *Agent, own string) {
	t.Helper()
	p, err := a.Resolve(soon(t), name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Ping(soon(t), p); err != nil {
		t.Fatalf("Go pings Rust: %v", err)
	}
	if _, err := a.Echo(soon(t), p, 200_000); err != nil {
		t.Fatalf("Go echoes at Rust: %v", err)
	}
	r.do("ping", own, "--count", "1")
}

// silent has neither reach the other any more.
func (r *rustAgent) silent(t *testing.T, a *Agent, own string) {
	t.Helper()
	eventually(t, "Go has heard it", func() bool { return len(a.Contacts()) == 0 })
	eventually(t, "Rust has heard it", func() bool { return !strings.Contains(r.do("trusted", "--json"), own) })
	if out, err := r.try("ping", own, "--count", "1"); err == nil {
		t.Fatalf("Rust reaches one whom it does not trust: %s", out)
	}
}

func TestFirstContactWithRustGoesEveryWay(t *testing.T) {
	for _, transport := range []Transport{QUIC, TCPTLS, TCPNoise} {
		t.Run(string(transport), func(t *testing.T) {
			rust := newRust(t, "rusty")
			own := "gopher-" + string(transport)
			a := newAgent(t, Config{Name: own, Transport: transport})

			t.Log("a ticket of Rust's")
			if _, err := a.Pair(soon(t), textIn(t, rust.do("pair", "--no-wait"), "airway-pair:")); err != nil {
				t.Fatal(err)
			}
			rust.speak(t, "rusty", a, own)
			rust.do("untrust", own)
			rust.silent(t, a, own)

			t.Log("a ticket of Go's")
			ticket, err := a.Ticket(TicketLife, nil)
			if err != nil {
				t.Fatal(err)
			}
			rust.do("pair", ticket)
			rust.speak(t, "rusty", a, own)
			if err := a.Untrust(t.Context(), "rusty", ""); err != nil {
				t.Fatal(err)
			}
			rust.silent(t, a, own)

			t.Log("a knock of Go's")
			theirs, err := card.Parse(textIn(t, rust.do("card"), "airway:"))
			if err != nil {
				t.Fatal(err)
			}
			if err := a.Knock(soon(t), theirs, "gopher here"); err != nil {
				t.Fatal(err)
			}
			eventually(t, "it stands at Rust's door", func() bool { return strings.Contains(rust.do("pending"), "gopher here") })
			rust.do("approve", own)
			eventually(t, "Go has heard it", func() bool { return a.access.isTrusted(theirs.PeerID()) })
			rust.speak(t, "rusty", a, own)
			rust.do("untrust", own)
			rust.silent(t, a, own)

			t.Log("a knock of Rust's")
			rust.do("trust", cardOf(t, a).String(), "-m", "rusty here")
			eventually(t, "it stands at Go's door", func() bool { return len(a.Requests()) == 1 })
			if request := a.Requests()[0]; request.Text != "rusty here" || request.Peer != theirs.PeerID() {
				t.Errorf("%+v", request)
			}
			if _, err := a.Approve(t.Context(), a.Requests()[0].Endpoint.String(), nil); err != nil {
				t.Fatal(err)
			}
			eventually(t, "Rust has heard it", func() bool { return strings.Contains(rust.do("trusted", "--json"), own) })
			rust.speak(t, "rusty", a, own)
		})
	}
}

// textIn is the word that begins so.
func textIn(t *testing.T, out, prefix string) string {
	t.Helper()
	for _, word := range strings.Fields(out) {
		if strings.HasPrefix(word, prefix) {
			return word
		}
	}
	t.Fatalf("no %s… in %q", prefix, out)
	return ""
}

package control

import (
	"context"
	"errors"

	"github.com/airway-net/airway/interop-tests/go-peer/agent"
	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/event"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
	"github.com/airway-net/airway/interop-tests/go-peer/polo"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
	"github.com/airway-net/airway/interop-tests/go-peer/task"
	"github.com/airway-net/airway/interop-tests/go-peer/trust"
)

// Hint says what to do next about an error; empty if that is not known.
func Hint(err error) string {
	var refused *RefusedError
	if errors.As(err, &refused) {
		return refused.Hint
	}
	for _, known := range []struct {
		err  error
		hint string
	}{
		{ErrUnknownVerb, "the verbs are those of the table in interop-tests/README.md"},
		{ErrNotRunning, "start one with `go-peer up`, or name its home with --home"},
		{agent.ErrInUse, "the other commands speak with it; for a second agent name another --home"},
		{agent.ErrUnknown, "`contacts` lists whom we trust, `requests` who asks; strangers are named by their card"},
		{agent.ErrAmbiguous, "`contacts` shows the fingerprints"},
		{agent.ErrUnsupported, "it does not trust us, or serves nothing there: ask it with `knock`, or use a ticket with `pair`"},
		{agent.ErrNoContact, "ask it with `knock` and its card, or use a ticket of its owner with `pair`"},
		{agent.ErrUnreachable, "is it running? If it has moved, ask its owner for a newer card, or for a ticket"},
		{agent.ErrCut, "one side has ended the trust: see `contacts`"},
		{agent.ErrAddressTaken, "compare the fingerprints with both owners"},
		{agent.ErrTurnedDown, "ask its owner for another ticket"},
		{agent.ErrNoAnswer, "ask its owner for another ticket, and whether its agent runs"},
		{agent.ErrTooMany, "wait until some are answered, or take them back with `untrust`"},
		{trust.ErrTicketIsCard, "use `knock` with a card"},
		{trust.ErrNotATicket, "`ticket` on the other side prints one"},
		{card.ErrNotACard, "`card` on the other side prints one"},
		{agent.ErrNoNetwork, "`join` with an invite of a network"},
		{agent.ErrAlreadyInNetwork, "one home is in one network at a time: use another --home for another one"},
		{mesh.ErrInvite, "an inviter of the network makes one: `airway invite` at an agent in Rust"},
		{agent.ErrInviteExpired, "ask whoever made it for another one"},
		{agent.ErrNotFound, "whoever has just joined is found after a moment; `members` lists whom we have met"},
		{agent.ErrContested, "compare the fingerprints with their owners"},
		{agent.ErrNoServer, "no member that keeps the directory can be reached: is the founder running?"},
		{agent.ErrNoEvents, "`join` a network with an authority: those who only share a swarm key, or the backbone, have no events in common"},
		{agent.ErrNobody, "others hear it who subscribe to the network, or serve it: `gossip` lists those whom we know"},
		{event.NotAllowed, "its owner says what we may publish and hear there: see `scope`"},
		{event.ErrPattern, "* stands for one segment, ** for all at the end, as in builds/*/done or builds/**"},
		{event.ErrTopic, "a topic is text with slashes, as in builds/web/done"},
		{agent.ErrNoTask, "`task list` shows them"},
		{agent.ErrTaskConflict, "leave the id out, and the task gets one of its own"},
		{task.ErrRefused, "`task show` says where it stands"},
		{task.ErrID, "`task list` shows the ids"},
		{polo.ErrMagic, "`polo export` writes one"},
		{service.ErrMessageID, "`inbox` and `files` show the ids"},
		{service.ErrBusy, "try again in a moment"},
		{context.DeadlineExceeded, "it took too long: is the other side running?"},
	} {
		if errors.Is(err, known.err) {
			return known.hint
		}
	}
	return ""
}

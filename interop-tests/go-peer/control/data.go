package control

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/agent"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/inbox"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

// maxTrips bounds the round trips of one request.
const maxTrips = 100_000

// dataVerbs are those about messages and files, and runs that measure.
func dataVerbs() map[string]Verb {
	return map[string]Verb{
		"send":      verb(to(send)),
		"inbox":     verb(messages),
		"clear":     verb(clearInbox),
		"send_file": patiently(to(sendFile)),
		"files":     verb(files),
		"perf":      patiently(to(perf)),
		"trips":     patiently(to(trips)),
	}
}

type sendQuestion struct {
	whom
	Text string `json:"text"`
}

type sendAnswer struct {
	Message string `json:"message"`
}

func send(ctx context.Context, a *agent.Agent, p peer.ID, q sendQuestion) (sendAnswer, error) {
	sent, err := a.SendText(ctx, p, q.Text)
	return sendAnswer{sent.String()}, err
}

// messageView is a message in the inbox. The text is its sender's; what is no text is shown as far as it is one.
type messageView struct {
	ID   string `json:"id"`
	From string `json:"from"`
	Text string `json:"text"`
}

type messagesAnswer struct {
	Messages []messageView `json:"messages"`
}

func messages(_ context.Context, a *agent.Agent, _ none) (messagesAnswer, error) {
	items, err := a.Inbox(0, math.MaxInt)
	answer, label := messagesAnswer{[]messageView{}}, labels(a)
	for _, item := range items {
		if m := item.Message; item.File == nil {
			answer.Messages = append(answer.Messages, messageView{
				ID: m.ID.String(), From: label(item.From), Text: string(m.Payload),
			})
		}
	}
	return answer, err
}

// clearQuestion names messages and files to clear by their ids.
type clearQuestion struct {
	IDs []string `json:"ids"`
}

type clearAnswer struct {
	Cleared int `json:"cleared"`
}

func clearInbox(_ context.Context, a *agent.Agent, q clearQuestion) (clearAnswer, error) {
	var ids []service.MessageID
	for _, text := range q.IDs {
		messageID, err := service.ParseMessageID(text)
		if err != nil {
			return clearAnswer{}, fmt.Errorf("%q: %w", text, err)
		}
		ids = append(ids, messageID)
	}
	cleared, err := a.ClearInbox(ids...)
	return clearAnswer{cleared}, err
}

type sendFileQuestion struct {
	whom
	Path string `json:"path"`
}

// sentFileView is a file that has arrived; Began is the byte at which the last attempt began.
type sentFileView struct {
	Digest string `json:"digest"`
	Size   uint64 `json:"size"`
	Began  uint64 `json:"began"`
	Micros int64  `json:"micros"`
}

func sendFile(ctx context.Context, a *agent.Agent, p peer.ID, q sendFileQuestion) (sentFileView, error) {
	start := time.Now()
	sent, err := a.SendFile(ctx, p, q.Path)
	return sentFileView{sent.Digest.String(), sent.Size, sent.Began, time.Since(start).Microseconds()}, err
}

// fileView is a file in the inbox; Began is the byte at which the attempt began that brought the last of it.
type fileView struct {
	ID     string `json:"id"`
	From   string `json:"from"`
	Name   string `json:"name"`
	Size   uint64 `json:"size"`
	Digest string `json:"digest"`
	Began  uint64 `json:"began"`
	Path   string `json:"path"`
}

type filesAnswer struct {
	Files []fileView `json:"files"`
}

func files(_ context.Context, a *agent.Agent, _ none) (filesAnswer, error) {
	answer, label := filesAnswer{[]fileView{}}, labels(a)
	for _, item := range a.Files() {
		answer.Files = append(answer.Files, fileOf(item, label(item.From)))
	}
	return answer, nil
}

func fileOf(item inbox.Item, from string) fileView {
	f := item.File
	return fileView{item.Message.ID.String(), from, string(f.Name), f.Size, f.Digest.String(), f.Began, f.Path}
}

// labels says how somebody is called in requests: by the endpoint that a contact has, or else the fingerprint.
func labels(a *agent.Agent) func(id.AgentID) string {
	endpoints := make(map[id.Fingerprint]string)
	for _, c := range a.Contacts() {
		if f := c.Endpoint.Fingerprint; f != nil {
			endpoints[*f] = c.Endpoint.String()
		}
	}
	return func(agent id.AgentID) string {
		if endpoint, ok := endpoints[agent.Fingerprint()]; ok {
			return endpoint
		}
		return agent.Fingerprint().String()
	}
}

type perfQuestion struct {
	whom
	Upload   uint64 `json:"upload"`
	Download uint64 `json:"download"`
}

type took struct {
	Micros int64 `json:"micros"`
}

func perf(ctx context.Context, a *agent.Agent, p peer.ID, q perfQuestion) (took, error) {
	time, err := a.Perf(ctx, p, q.Upload, q.Download)
	return took{time.Microseconds()}, err
}

type tripsQuestion struct {
	whom
	Bytes int `json:"bytes"`
	Count int `json:"count"`
}

// tripsAnswer is the median of some round trips on one stream, in nanoseconds.
type tripsAnswer struct {
	P50 int64 `json:"p50_nanos"`
}

func trips(ctx context.Context, a *agent.Agent, p peer.ID, q tripsQuestion) (tripsAnswer, error) {
	if q.Bytes < 1 || q.Bytes > chunk || q.Count < 1 || q.Count > maxTrips {
		return tripsAnswer{}, fmt.Errorf("1 to %d round trips of 1 to %d bytes can be taken", maxTrips, chunk)
	}
	all, err := a.Trips(ctx, p, q.Bytes, q.Count)
	if err != nil {
		return tripsAnswer{}, err
	}
	slices.Sort(all)
	return tripsAnswer{all[len(all)/2].Nanoseconds()}, nil
}

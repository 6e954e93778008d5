package control

import (
	"context"
	"sync"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/agent"
	"github.com/airway-net/airway/interop-tests/go-peer/event"
)

// What a connection may keep.
const (
	// maxListeners bounds its subscriptions.
	maxListeners = 1024
	// maxHeard and maxHeardBytes bound what one of them keeps: it ends there, with an error.
	maxHeard, maxHeardBytes = 1 << 18, 256 << 20
	// maxToldBytes bounds the payloads in one answer: more is told when it is asked for.
	maxToldBytes = 1 << 20
	// longestWait bounds how long an answer waits for something to tell.
	longestWait = time.Minute
)

// listeners are the subscriptions of the connections, by the numbers that they have there.
type listeners struct {
	mu sync.Mutex
	of map[context.Context][]*listener
}

func newListeners() *listeners { return &listeners{of: make(map[context.Context][]*listener)} }

// listener is what one subscription has brought so far.
type listener struct {
	mu     sync.Mutex
	events []eventView
	gaps   []gapView
	bytes  int
	ended  *string
	// changed is closed, and made anew, when there is more.
	changed chan struct{}
}

// eventView is an event. The text is its publisher's; what is no text is shown as far as it is one.
type eventView struct {
	Topic     event.Topic    `json:"topic"`
	Publisher string         `json:"publisher"`
	Position  event.Position `json:"position"`
	At        uint64         `json:"at"`
	Text      string         `json:"text"`
	// Heard is when it came here.
	Heard int64 `json:"heard"`
}

type gapView struct {
	After  event.Position `json:"after"`
	Next   event.Position `json:"next"`
	Reason event.Reason   `json:"reason"`
}

type subscribeAnswer struct {
	Subscription int `json:"subscription"`
}

// subscribe is done once the subscription is live; it ends with the connection.
func (l *listeners) subscribe(conn context.Context, a *agent.Agent, q subscribeQuestion) (subscribeAnswer, error) {
	ctx, cancel := context.WithTimeout(conn, patience)
	defer cancel()
	from, what, err := q.source(ctx, a)
	if err != nil {
		return subscribeAnswer{}, err
	}
	subscription, err := a.Subscribe(ctx, from, what)
	if err != nil {
		return subscribeAnswer{}, err
	}
	one := &listener{events: []eventView{}, gaps: []gapView{}, changed: make(chan struct{})}
	number, ok := l.add(conn, one)
	if !ok {
		subscription.Close()
		return subscribeAnswer{}, errTooManyListeners
	}
	go one.listen(conn, a, subscription)
	return subscribeAnswer{number}, nil
}

func (l *listeners) add(conn context.Context, one *listener) (number int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.of[conn]) == 0 {
		context.AfterFunc(conn, func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			delete(l.of, conn)
		})
	}
	number = len(l.of[conn])
	if number >= maxListeners {
		return 0, false
	}
	l.of[conn] = append(l.of[conn], one)
	return number, true
}

func (l *listeners) get(conn context.Context, number int) (*listener, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if all := l.of[conn]; number >= 0 && number < len(all) {
		return all[number], nil
	}
	return nil, ErrNoSubscription
}

// listen keeps what comes, until it ends.
func (l *listener) listen(conn context.Context, a *agent.Agent, subscription *agent.Subscription) {
	defer subscription.Close()
	for {
		one, err := subscription.Next(conn)
		heard := time.Now().UnixMilli()
		var publisher string
		if one.Event != nil {
			publisher = a.EndpointOf(one.Event.Publisher).String()
		}
		l.mu.Lock()
		switch {
		case err != nil:
		case one.Gap != nil:
			l.gaps = append(l.gaps, gapView(*one.Gap))
		case len(l.events) == maxHeard || l.bytes > maxHeardBytes:
			err = errTooMuchHeard
		default:
			e := one.Event
			l.bytes += len(e.Payload)
			l.events = append(l.events, eventView{e.Topic, publisher, e.Position, e.At, string(e.Payload), heard})
		}
		if err != nil {
			why := err.Error()
			l.ended = &why
		}
		close(l.changed)
		l.changed = make(chan struct{})
		l.mu.Unlock()
		if err != nil {
			return
		}
	}
}

type eventsQuestion struct {
	Subscription int `json:"subscription"`
	// Skip is how many events are known already.
	Skip int `json:"skip"`
	// Wait is how long to wait, in milliseconds, if there are no others.
	Wait uint64 `json:"wait"`
}

type eventsAnswer struct {
	Events []eventView `json:"events"`
	Gaps   []gapView   `json:"gaps"`
	Ended  *string     `json:"ended"`
}

// events is what a subscription has brought, but for so many events at its beginning.
func (l *listeners) events(conn context.Context, _ *agent.Agent, q eventsQuestion) (eventsAnswer, error) {
	one, err := l.get(conn, q.Subscription)
	if err != nil {
		return eventsAnswer{}, err
	}
	ctx, cancel := context.WithTimeout(conn, min(time.Duration(q.Wait)*time.Millisecond, longestWait))
	defer cancel()
	for {
		answer, changed := one.told(q.Skip)
		if len(answer.Events) > 0 || answer.Ended != nil || ctx.Err() != nil {
			return answer, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// told is as much of it as one answer takes.
func (l *listener) told(skip int) (eventsAnswer, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := min(max(skip, 0), len(l.events))
	last, bytes := first, 0
	for ; last < len(l.events) && bytes < maxToldBytes; last++ {
		bytes += len(l.events[last].Text)
	}
	answer := eventsAnswer{Events: l.events[first:last:last], Gaps: l.gaps[:len(l.gaps):len(l.gaps)]}
	if last == len(l.events) {
		answer.Ended = l.ended
	}
	return answer, l.changed
}

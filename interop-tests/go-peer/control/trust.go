package control

import (
	"context"

	"github.com/airway-net/airway/interop-tests/go-peer/agent"
	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/trust"
)

// trustVerbs are those about who we are, and whom we trust.
func trustVerbs() map[string]Verb {
	return map[string]Verb{
		"card":     verb(ownCard),
		"ticket":   verb(ticket),
		"pair":     verb(pair),
		"knock":    verb(knock),
		"requests": verb(requests),
		"approve":  verb(approve),
		"reject":   verb(reject),
		"contacts": verb(contacts),
		"untrust":  verb(untrust),
		"block":    verb(block),
		"unblock":  verb(unblock),
	}
}

type cardAnswer struct {
	Card     string `json:"card"`
	Endpoint string `json:"endpoint"`
}

func ownCard(_ context.Context, a *agent.Agent, _ none) (cardAnswer, error) {
	c, err := a.Card()
	if err != nil {
		return cardAnswer{}, err
	}
	return cardAnswer{c.String(), c.Endpoint().String()}, nil
}

// granting is what the other may do here; everything, if absent.
type granting struct {
	Ports *trust.Ports `json:"ports"`
}

func (g granting) scopes() *trust.Scopes {
	if g.Ports == nil {
		return nil
	}
	scopes := trust.Nothing()
	scopes.Ports = *g.Ports
	return &scopes
}

type ticketAnswer struct {
	Ticket string `json:"ticket"`
}

func ticket(_ context.Context, a *agent.Agent, q granting) (ticketAnswer, error) {
	text, err := a.Ticket(agent.TicketLife, q.scopes())
	return ticketAnswer{text}, err
}

func pair(ctx context.Context, a *agent.Agent, q ticketAnswer) (whom, error) {
	contact, err := a.Pair(ctx, q.Ticket)
	if err != nil {
		return whom{}, err
	}
	return whom{contact.Endpoint.String()}, nil
}

type knockQuestion struct {
	Card string `json:"card"`
	Text string `json:"text"`
}

func knock(ctx context.Context, a *agent.Agent, q knockQuestion) (none, error) {
	c, err := card.Parse(q.Card)
	if err != nil {
		return none{}, err
	}
	return none{}, a.Knock(ctx, c, q.Text)
}

// requestView is a request that waits. Name and text are a stranger's.
type requestView struct {
	whom
	Name string `json:"name,omitempty"`
	Text string `json:"text,omitempty"`
}

type requestsAnswer struct {
	Requests []requestView `json:"requests"`
}

func requests(_ context.Context, a *agent.Agent, _ none) (requestsAnswer, error) {
	answer := requestsAnswer{[]requestView{}}
	for _, r := range a.Requests() {
		answer.Requests = append(answer.Requests, requestView{whom{r.Endpoint.String()}, string(r.Name), r.Text})
	}
	return answer, nil
}

type approveQuestion struct {
	whom
	granting
}

func approve(ctx context.Context, a *agent.Agent, q approveQuestion) (none, error) {
	_, err := a.Approve(ctx, q.Who, q.scopes())
	return none{}, err
}

// reason is whom something is about, and why it is done; with a reason the other is told.
type reason struct {
	whom
	Text string `json:"text"`
}

func reject(ctx context.Context, a *agent.Agent, q reason) (none, error) {
	return none{}, a.Reject(ctx, q.Who, q.Text != "", q.Text)
}

type contactView struct {
	whom
	Name  string `json:"name,omitempty"`
	State string `json:"state"`
}

type contactsAnswer struct {
	Contacts []contactView `json:"contacts"`
}

func contacts(_ context.Context, a *agent.Agent, _ none) (contactsAnswer, error) {
	answer := contactsAnswer{[]contactView{}}
	for _, c := range a.Contacts() {
		answer.Contacts = append(answer.Contacts, contactView{whom{c.Endpoint.String()}, string(c.Name), c.State.String()})
	}
	return answer, nil
}

func untrust(ctx context.Context, a *agent.Agent, q reason) (none, error) {
	return none{}, a.Untrust(ctx, q.Who, q.Text)
}

func block(ctx context.Context, a *agent.Agent, q whom) (none, error) {
	return none{}, a.Block(ctx, q.Who)
}

func unblock(ctx context.Context, a *agent.Agent, q whom) (none, error) {
	return none{}, a.Unblock(ctx, q.Who)
}

package control

import (
	"context"
	"fmt"

	"github.com/airway-net/airway/interop-tests/go-peer/agent"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
)

// meshVerbs are those about networks.
func meshVerbs() map[string]Verb {
	return map[string]Verb{
		"join":     verb(join),
		"leave":    verb(leave),
		"members":  verb(members),
		"find":     verb(find),
		"find_tag": verb(findTag),
		"set":      verb(set),
		"status":   verb(status),
	}
}

type joinQuestion struct {
	Invite string `json:"invite"`
}

type joinAnswer struct {
	Network  string `json:"network"`
	Endpoint string `json:"endpoint"`
}

func join(ctx context.Context, a *agent.Agent, q joinQuestion) (joinAnswer, error) {
	network, err := a.Join(ctx, q.Invite)
	if err != nil {
		return joinAnswer{}, err
	}
	return joinAnswer{string(network.Name), network.Endpoint.String()}, nil
}

func leave(ctx context.Context, a *agent.Agent, _ none) (none, error) { return none{}, a.Leave(ctx) }

type memberAnswer struct {
	Who    string `json:"who"`
	Name   string `json:"name"`
	Roles  string `json:"roles"`
	Serves bool   `json:"serves"`
	Self   bool   `json:"self"`
}

type membersAnswer struct {
	Members []memberAnswer `json:"members"`
}

func members(_ context.Context, a *agent.Agent, _ none) (membersAnswer, error) {
	list, err := a.Members()
	if err != nil {
		return membersAnswer{}, err
	}
	answer := membersAnswer{Members: []memberAnswer{}}
	for _, one := range list {
		answer.Members = append(answer.Members, memberAnswer{
			Who: one.Endpoint.String(), Name: string(one.Name), Roles: one.Roles.String(), Serves: one.Serves, Self: one.Self,
		})
	}
	return answer, nil
}

type foundAnswer struct {
	Who  string `json:"who"`
	Name string `json:"name"`
	// Layer is whose word the name and the address have: the network's authority, or the agent itself.
	Layer     string   `json:"layer"`
	Addresses []string `json:"addresses"`
	Tags      []id.Tag `json:"tags"`
	Card      string   `json:"card"`
}

func foundLine(found agent.Found) foundAnswer {
	answer := foundAnswer{
		Who: found.Endpoint.String(), Name: string(found.Name), Layer: "claim", Addresses: []string{}, Tags: found.Tags,
		Card: found.Card.String(),
	}
	if found.Certified {
		answer.Layer = "network"
	}
	for _, address := range found.Card.Addresses() {
		answer.Addresses = append(answer.Addresses, address.String())
	}
	return answer
}

func find(ctx context.Context, a *agent.Agent, q whom) (foundAnswer, error) {
	found, err := a.Find(ctx, q.Who)
	if err != nil {
		return foundAnswer{}, err
	}
	return foundLine(found), nil
}

type tagQuestion struct {
	Tag string `json:"tag"`
}

type tagAnswer struct {
	Found []foundAnswer `json:"found"`
}

func findTag(ctx context.Context, a *agent.Agent, q tagQuestion) (tagAnswer, error) {
	tag, err := id.ParseTag(q.Tag)
	if err != nil {
		return tagAnswer{}, err
	}
	all, err := a.FindTag(ctx, tag)
	answer := tagAnswer{Found: []foundAnswer{}}
	for _, found := range all {
		answer.Found = append(answer.Found, foundLine(found))
	}
	return answer, err
}

type setQuestion struct {
	Name       *string   `json:"name"`
	Tags       *[]string `json:"tags"`
	Visibility *string   `json:"visibility"`
}

// set changes what others find of the agent: each of what is given, in this order, until one fails.
func set(ctx context.Context, a *agent.Agent, q setQuestion) (none, error) {
	if q.Name != nil {
		if err := a.SetName(ctx, id.Name(*q.Name)); err != nil {
			return none{}, err
		}
	}
	if q.Tags != nil {
		tags := make([]id.Tag, 0, len(*q.Tags))
		for _, text := range *q.Tags {
			tag, err := id.ParseTag(text)
			if err != nil {
				return none{}, fmt.Errorf("%q: %w", text, err)
			}
			tags = append(tags, tag)
		}
		if err := a.SetTags(tags); err != nil {
			return none{}, err
		}
	}
	if q.Visibility != nil {
		return none{}, a.SetVisibility(agent.Visibility(*q.Visibility))
	}
	return none{}, nil
}

type statusAnswer struct {
	Peer      string `json:"peer"`
	Endpoint  string `json:"endpoint"`
	Name      string `json:"name"`
	Network   string `json:"network"`   // empty on the backbone
	Standing  string `json:"standing"`  // of our membership: "member", or why it is over
	Serves    bool   `json:"serves"`    // the DHT
	Servers   int    `json:"servers"`   // of the DHT that we know
	Published int    `json:"published"` // servers that have what others find of us
	// Reachable is true once somebody has come straight to us, and unknown before.
	Reachable   *bool    `json:"reachable"`
	Relays      []string `json:"relays"` // that have a reservation for us
	Connections int      `json:"connections"`
	Peers       int      `json:"peers"`
}

func status(_ context.Context, a *agent.Agent, _ none) (statusAnswer, error) {
	answer := statusAnswer{
		Peer: a.PeerID().String(), Endpoint: a.Endpoint().String(), Name: string(a.Name()),
		Relays: []string{}, Connections: len(a.Host().Network().Conns()), Peers: len(a.Host().Network().Peers()),
	}
	if a.WasReached() {
		reached := true
		answer.Reachable = &reached
	}
	for _, relay := range a.Relays() {
		answer.Relays = append(answer.Relays, relay.String())
	}
	if network, err := a.Network(); err == nil {
		answer.Network, answer.Standing = string(network.Name), "member"
		if network.Standing != nil {
			answer.Standing = network.Standing.Error()
		}
		answer.Serves, answer.Servers, answer.Published = network.Serves, network.Servers, network.Published
	}
	return answer, nil
}

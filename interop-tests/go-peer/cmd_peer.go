package main

import (
	"context"
	"encoding/json"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/airway-net/airway/interop-tests/go-peer/agent"
	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/control"
)

// settings are the flags of an agent.
type settings struct {
	name        string
	transport   string
	listen      string
	relays      []string
	relayServer bool
	invite      string
	dht         string
}

func (s *settings) flags(c *cobra.Command, listen string) {
	c.Flags().StringVar(&s.name, "name", "", "what others see on our card")
	c.Flags().StringVar(&s.transport, "transport", "", "restrict the agent to quic, tcp-tls or tcp-noise")
	c.Flags().StringVar(&s.listen, "listen", listen, "IP address to listen on")
	c.Flags().StringArrayVar(&s.relays, "relay", nil, "card of a relay; may be given several times")
	c.Flags().BoolVar(&s.relayServer, "relay-server", false, "be a relay for others")
	c.Flags().StringVar(&s.invite, "invite", "", "join the network of this invite, unless the home is in it")
	c.Flags().StringVar(&s.dht, "dht", "", "be a client or a server of the network's DHT, or off; a server once others come straight to us if not given")
	_ = c.RegisterFlagCompletionFunc("dht", cobra.FixedCompletions(
		[]string{string(agent.DHTClient), string(agent.DHTServer), string(agent.DHTOff)}, cobra.ShellCompDirectiveNoFileComp))
	_ = c.RegisterFlagCompletionFunc("transport", cobra.FixedCompletions(
		[]string{string(agent.QUIC), string(agent.TCPTLS), string(agent.TCPNoise)}, cobra.ShellCompDirectiveNoFileComp))
}

// config is what the flags say.
func (s *settings) config(home string) (agent.Config, error) {
	config := agent.Config{
		Home: home, Name: s.name, Transport: agent.Transport(s.transport),
		RelayServer: s.relayServer, Invite: s.invite, DHT: agent.DHTMode(s.dht),
	}
	var err error
	if config.Listen, err = config.Transport.Listeners(s.listen); err != nil {
		return config, err
	}
	for _, text := range s.relays {
		relay, err := card.Parse(text)
		if err != nil {
			return config, err
		}
		config.Relays = append(config.Relays, relay)
	}
	return config, nil
}

// ready is the first line of a peer.
type ready struct {
	Event    string `json:"event"`
	Peer     string `json:"peer"`
	Endpoint string `json:"endpoint"`
	Card     string `json:"card"`
}

// failed is the only line of one that has not started.
type failed struct {
	Event string `json:"event"`
	Error string `json:"error"`
}

func newPeer(p *person) *cobra.Command {
	var s settings
	c := &cobra.Command{
		Use:   "peer",
		Short: "Run an agent for a program: requests on stdin, answers on stdout, one JSON object a line",
		Long: "Run an agent for a program, in memory unless --home is given. Its first line says that it is ready, and who it\n" +
			"is. Then each line of stdin is a request; the end of stdin ends the agent.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := runPeer(c.Context(), &s, p.home, os.Stdin, os.Stdout); err != nil {
				_ = json.NewEncoder(os.Stdout).Encode(failed{"failed", err.Error()})
				return errReported
			}
			return nil
		},
	}
	s.flags(c, "127.0.0.1")
	return c
}

func runPeer(ctx context.Context, s *settings, home string, in io.Reader, out io.Writer) error {
	a, first, err := startAgent(ctx, s, home)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(out).Encode(first); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- control.NewServer(a).Serve(ctx, in, out) }()
	// A signal ends the agent also while stdin is open.
	select {
	case <-ended:
	case <-ctx.Done():
	}
	return a.Close()
}

// startAgent starts an agent, and says who it is.
func startAgent(ctx context.Context, s *settings, home string) (*agent.Agent, ready, error) {
	config, err := s.config(home)
	if err != nil {
		return nil, ready{}, err
	}
	a, err := agent.Start(ctx, config)
	if err != nil {
		return nil, ready{}, err
	}
	own, err := a.Card()
	if err != nil {
		_ = a.Close()
		return nil, ready{}, err
	}
	return a, ready{"ready", a.PeerID().String(), a.Endpoint().String(), own.String()}, nil
}
